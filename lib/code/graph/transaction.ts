import type { CodeId, ParcelId } from '../../base/ids';
import { CaptureError } from '../../base/errors';
import type { Trial } from '../../data/trial';
import type { EncodedValue, Parcel } from '../../protocol/payload';
import type { CaptureContext } from './context';
import { describe } from './describe';
import { childTrail, printTrail, type Trail } from './trail';
import type { Growth, Node, Slot } from './nodes';
import { checkSize, type Written } from './size';
import { packBody } from './wire';
import type { NodeWriter } from './writer';

interface Task {
  readonly thing: object | symbol;
  readonly number: number;
  readonly trail: Trail;
  /** How to write it, when whoever met it knows better than its looks say. */
  readonly as?: (() => Node) | undefined;
}

/**
 * One capture: all that is reached from a function and was not captured before. Either everything
 * of it becomes known, in one parcel, or nothing does. Breadth first, so that depth of data costs
 * no stack and paths in messages are short.
 */
export class Transaction implements NodeWriter {
  readonly parcel: ParcelId;
  readonly home: string | undefined;
  blocking = false;
  readonly #context: CaptureContext;
  readonly #queue: Task[] = [];
  #done = 0;
  readonly #written: Written[] = [];
  readonly #growths: Growth[] = [];
  readonly #requires = new Set<ParcelId>();
  readonly #fresh: (readonly [thing: object | symbol, id: CodeId])[] = [];
  readonly #undo: (() => void)[] = [];

  readonly #trial: Trial | undefined;

  constructor(context: CaptureContext, home: string | undefined, trial?: Trial) {
    this.#context = context;
    this.#trial = trial;
    this.home = home;
    this.parcel = context.nextId();
    this.onRefusal(context.weakTables.mark());
  }

  slot(value: unknown, parent: Trail | undefined, step: string, as?: () => Node): Slot {
    switch (typeof value) {
      case 'object':
        if (value === null) return null;
        break;
      case 'function':
      case 'symbol':
        break;
      default:
        return value as Slot;
    }
    const thing = value;
    const known = this.#context.identity.idOf(thing);
    if (known !== undefined) return [this.#mention(known)];
    const number = this.#context.nextNumber();
    const id = this.#context.idOf(number);
    this.#context.identity.add(thing, id);
    this.#context.identity.setParcel(id, this.parcel);
    this.#fresh.push([thing, id]);
    this.#queue.push({ thing, number, trail: childTrail(parent, step), as });
    return [number];
  }

  grow(growth: Growth): void {
    this.#growths.push(growth);
  }

  require(parcel: ParcelId): void {
    if (parcel !== this.parcel) this.#requires.add(parcel);
  }

  onRefusal(undo: () => void): void {
    this.#undo.push(undo);
  }

  /** Also called while it runs: what a value of `data/` brings is written before the value is done. */
  run(): void {
    while (this.#done < this.#queue.length) {
      const { thing, number, trail, as } = this.#queue[this.#done++] as Task;
      try {
        const node = as ? as() : describe(thing, this.#context, this, trail);
        this.#written.push({ number, node, trail });
      } catch (error) {
        if (!this.#trial) throw error;
        this.#trial.note(error, printTrail(trail));
      }
    }
  }

  /** All that has become known by it. */
  get nodes(): readonly CodeId[] {
    return this.#fresh.map(([, id]) => id);
  }

  /** Notes in a trial what `commit` would refuse. */
  check(): void {
    this.run();
    this.#settleWeakTables();
    if (this.#trial?.refusals.length === 0) this.#pack(() => {});
  }

  /** The parcel, if there is anything new; from here on everything in it counts as known. */
  commit(): Parcel | undefined {
    this.run();
    this.#settleWeakTables();
    if (this.#written.length === 0 && this.#growths.length === 0) return undefined;
    const { code = [], ...body } = this.#pack(this.#context.warn);
    for (const parcel of code) this.require(parcel);
    if (this.blocking) this.#context.blockingParcels.add(this.parcel);
    return { id: this.parcel, requires: [...this.#requires], body };
  }

  rollback(): void {
    for (const [thing, id] of this.#fresh) this.#context.identity.remove(thing, id);
    for (const undo of this.#undo.reverse()) undo();
    this.#context.endings.run(this.parcel);
  }

  refuse(trail: Trail, reason: string): CaptureError {
    return new CaptureError(printTrail(trail), reason);
  }

  #settleWeakTables(): void {
    const { weakTables, identity } = this.#context;
    weakTables.settle(this, identity, this.#fresh);
  }

  #pack(warn: (text: string) => void): EncodedValue {
    const nodes = this.#written.map(({ number, node }) => [number, node] as const);
    const packed = packBody({ origin: this.#context.origin, nodes, growths: this.#growths });
    checkSize(packed, this.#written, warn);
    return packed;
  }

  #mention(id: CodeId): number | string {
    const parcel = this.#context.identity.parcelOf(id);
    if (parcel !== undefined) {
      this.require(parcel);
      if (this.#context.blockingParcels.has(parcel)) this.blocking = true;
    }
    return this.#context.numberOf(id) ?? id;
  }
}
