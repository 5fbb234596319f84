import type { Resources } from '../../protocol/specs';
import type { Environment } from './environments';

/** Amounts are counted in ten-thousandths, so that sums of fractions stay exact. */
const UNITS = 10_000;

/** Amounts in ten-thousandths. */
export interface Needs {
  readonly cpu: number;
  readonly others: readonly (readonly [name: string, units: number])[];
}

/** What a call takes while it runs, and the kind of thread it runs on. Equal needs are one object. */
export interface Shape extends Needs {
  readonly env: Environment;
  /** As identity. */
  readonly key: string;
  /** Functions and classes that have it: with the last it is forgotten. */
  users: number;
}

/** What has been taken of a shape. Its CPU is lent to others while those who run on it wait. */
export interface Hold {
  readonly shape: Shape;
  holdsCpu: boolean;
}

/** A resource of which a shape asks for more than there is. */
export interface Shortage {
  readonly name: string;
  readonly needed: number;
  readonly there: number;
}

/** The resources of one machine: what there is, and what is free now. */
export class ResourcePool {
  /** Those that functions and classes have. */
  readonly shapes = new Map<string, Shape>();
  private readonly total = new Map<string, number>();
  private readonly free = new Map<string, number>();
  private readonly totalCpu: number;
  /** Below zero while tasks run that had to go on without a CPU. */
  private freeCpu: number;

  constructor(numCpus: number, custom: Resources) {
    this.totalCpu = this.freeCpu = toUnits(numCpus);
    for (const [name, amount] of Object.entries(custom)) {
      this.total.set(name, toUnits(amount));
      this.free.set(name, toUnits(amount));
    }
  }

  /** The shape of declared resources, which has one more user. `cpu` is what goes without saying. */
  useShape(declared: Resources, cpu: number, env: Environment): Shape {
    const { CPU = cpu, ...rest } = declared;
    const others = Object.entries(rest)
      .map(([name, amount]) => [name, toUnits(amount)] as const)
      .filter(([, units]) => units > 0)
      .sort(([a], [b]) => (a < b ? -1 : 1));
    const key = JSON.stringify([toUnits(CPU), others, env.key]);
    let shape = this.shapes.get(key);
    if (shape === undefined) {
      shape = { cpu: toUnits(CPU), others, env, key, users: 0 };
      this.shapes.set(key, shape);
    }
    shape.users += 1;
    return shape;
  }

  releaseShape(shape: Shape): void {
    shape.users -= 1;
    if (shape.users === 0) this.shapes.delete(shape.key);
  }

  fits(shape: Needs): boolean {
    return this.fitsCpu(shape) && this.fitsOthers(shape);
  }

  fitsCpu({ cpu }: Needs): boolean {
    return cpu === 0 || cpu <= this.freeCpu;
  }

  /** Whether it would fit if no CPU were taken. */
  couldFit(shape: Needs): boolean {
    return shape.cpu <= this.totalCpu && this.fitsOthers(shape);
  }

  /** Whether the machine has so much at all. */
  feasible(needs: Needs): boolean {
    return this.missing(needs).length === 0;
  }

  /** What the machine has not enough of, even if nothing were taken. */
  missing({ cpu, others }: Needs): readonly Shortage[] {
    const all = [['CPU', cpu] as const, ...others];
    return all.flatMap(([name, units]) => {
      const there = name === 'CPU' ? this.totalCpu : (this.total.get(name) ?? 0);
      return units <= there ? [] : [{ name, needed: units / UNITS, there: there / UNITS }];
    });
  }

  /** What is missing for it to fit: units by name. */
  lacking({ cpu, others }: Needs): (readonly [name: string, units: number])[] {
    const needs = [['CPU', cpu] as const, ...others];
    return needs
      .map(([name, units]) => [name, units === 0 ? 0 : units - this.freeUnits(name)] as const)
      .filter(([, units]) => units > 0);
  }

  /** How many calls of this shape the free CPUs would take. */
  room({ cpu }: Needs): number {
    return cpu === 0 ? Infinity : Math.max(0, Math.floor(this.freeCpu / cpu));
  }

  take(shape: Shape): Hold {
    const hold = { shape, holdsCpu: false };
    this.takeCpu(hold);
    for (const [name, units] of shape.others) this.change(name, -units);
    return hold;
  }

  /** Gives back whatever the hold has. */
  give(hold: Hold): void {
    this.lendCpu(hold);
    for (const [name, units] of hold.shape.others) this.change(name, units);
  }

  /** Sees that the hold has its CPU, whether there is one or not. */
  takeCpu(hold: Hold): void {
    if (!hold.holdsCpu) this.freeCpu -= hold.shape.cpu;
    hold.holdsCpu = true;
  }

  /** Lets others have the CPU of the hold. */
  lendCpu(hold: Hold): void {
    if (hold.holdsCpu) this.freeCpu += hold.shape.cpu;
    hold.holdsCpu = false;
  }

  /** Units of CPU that are taken. */
  get cpuInUse(): number {
    return this.totalCpu - this.freeCpu;
  }

  /** Units taken by name, for `validate`. */
  taken(): Map<string, number> {
    const taken = new Map([['CPU', this.cpuInUse]]);
    for (const [name, units] of this.total) taken.set(name, units - (this.free.get(name) ?? 0));
    return taken;
  }

  /** Amounts of all resources by name: what there is, and what is free now. */
  amounts(): { readonly total: Resources; readonly available: Resources } {
    const total = { CPU: this.totalCpu, ...Object.fromEntries(this.total) };
    // Tasks that had to go on without a CPU make no less than none.
    const available = { CPU: Math.max(0, this.freeCpu), ...Object.fromEntries(this.free) };
    return { total: toAmounts(total), available: toAmounts(available) };
  }

  /** Amounts taken by name. */
  inUse(): Resources {
    return toAmounts(Object.fromEntries(this.taken()));
  }

  private freeUnits(name: string): number {
    return name === 'CPU' ? this.freeCpu : (this.free.get(name) ?? 0);
  }

  private fitsOthers({ others }: Needs): boolean {
    for (const [name, units] of others) if (units > (this.free.get(name) ?? 0)) return false;
    return true;
  }

  private change(name: string, units: number): void {
    this.free.set(name, (this.free.get(name) ?? 0) + units);
  }
}

/** Units of a shape by name, zeros left out. */
export function unitsOf({ cpu, others }: Needs): (readonly [name: string, units: number])[] {
  return cpu > 0 ? [['CPU', cpu], ...others] : [...others];
}

/** What a hold keeps from others now. */
export const unitsHeld = ({ shape, holdsCpu }: Hold): (readonly [name: string, units: number])[] =>
  holdsCpu ? unitsOf(shape) : [...shape.others];

export const amountOf = (units: number): number => units / UNITS;

/** Amounts by name. */
export const amountsOf = (units: Iterable<readonly [name: string, units: number]>): Resources =>
  Object.fromEntries([...units].map(([name, count]) => [name, amountOf(count)]));

const toAmounts = (units: Resources): Resources => amountsOf(Object.entries(units));

const toUnits = (amount: number): number => Math.round(amount * UNITS);
