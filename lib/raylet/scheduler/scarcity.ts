import type { Lives } from './lives';
import { type Holder, holders } from './holders';
import { type ActorRecord, CallRecord, holdOf, isSuspended } from './records';
import { amountOf, type Needs, type ResourcePool } from './resources';
import { known, WaitNode } from './wait-node';
import type { Workers } from './workers';

/** Units of a resource that some call lacks. */
interface Lack {
  readonly units: WaitNode;
  /** Living instances, and what they hold of it. */
  readonly kept: readonly (readonly [keeper: WaitNode | undefined, units: number])[];
}

/** What this part is read from. */
export interface ScarcityParts {
  readonly lives: Lives;
  readonly resources: ResourcePool;
  readonly workers: Workers;
}

export interface ScarcityOptions {
  readonly parts: ScarcityParts;
  /** The node of a call; none for what certainly goes on. */
  readonly nodeOf: (call: CallRecord) => WaitNode | undefined;
  readonly add: (node: WaitNode) => WaitNode;
  readonly startedIn: (actor: ActorRecord) => Iterable<CallRecord>;
}

/**
 * The part of the graph that is about resources: who lacks some waits for those who hold them. Tasks
 * give back what they hold when they end. Instances keep it for life, whatever their calls do, so
 * nothing is expected of them; but what only waits for the end of such lives waits for nobody.
 */
export class Scarcity {
  private readonly lenders = new Map<ActorRecord, WaitNode | undefined>();
  private readonly keepers = new Map<ActorRecord, WaitNode | undefined>();
  private readonly rooms = new Map<string, WaitNode | undefined>();
  private readonly lacks: Lack[] = [];
  private holders: readonly Holder[] | undefined;

  constructor(private readonly options: ScarcityOptions) {}

  /** What lacks of a shape comes from those that hold it, as far as they will give it back. */
  roomFor(needs: Needs): WaitNode | undefined {
    const { resources } = this.options.parts;
    // What the machine does not have is no matter of waiting for each other.
    if (!resources.feasible(needs)) return undefined;
    return known(this.rooms, JSON.stringify([needs.cpu, needs.others]), () => {
      const room = this.options.add(new WaitNode());
      for (const [name, units] of resources.lacking(needs)) {
        room.missing += 1;
        room.need(this.unitsOf(name, units));
      }
      return room;
    });
  }

  /** As the above, of the CPU that the call would have again. */
  cpuFor(call: CallRecord): WaitNode | undefined {
    const shape = holdOf(call)?.shape;
    return shape && this.roomFor({ cpu: shape.cpu, others: [] });
  }

  /** A lack that instances without part in any circle make, and that nobody in one could end. */
  keptForLife(): WaitNode | undefined {
    for (const { units, kept } of this.lacks) {
      if (units.goesOn) continue;
      let stuck = 0;
      let forLife = 0;
      for (const { node, weight } of units.needs) if (!node.goesOn) stuck += weight;
      for (const [keeper, own] of kept) {
        if (keeper === undefined || keeper.goesOn) forLife += own;
        else stuck += own;
      }
      if (units.missing <= stuck || units.missing > forLife) continue;
      units.missing = 0;
      return units;
    }
    return undefined;
  }

  private unitsOf(name: string, lacking: number): WaitNode {
    const { workers, lives } = this.options.parts;
    this.holders ??= [...holders(workers, lives)];
    const units = this.options.add(new WaitNode());
    const kept: [keeper: WaitNode | undefined, units: number][] = [];
    units.missing = lacking;
    for (const { by, units: held } of this.holders) {
      const own = held.find(([held]) => held === name)?.[1] ?? 0;
      const note = `holds ${name}: ${amountOf(own)}`;
      if (own === 0) continue;
      if (by instanceof CallRecord) units.need(this.options.nodeOf(by), own, note);
      else if (by.creation !== undefined) units.need(this.options.nodeOf(by.creation), own, note);
      else if (name === 'CPU' && this.lends(by)) units.need(this.lender(by), own, note);
      else {
        const keeper = this.keeper(by);
        kept.push([keeper, own]);
        units.need(keeper, 0, note);
      }
    }
    this.lacks.push({ units, kept });
    return units;
  }

  private lends(actor: ActorRecord): boolean {
    for (const call of this.options.startedIn(actor)) if (isSuspended(call)) return true;
    return false;
  }

  /** An instance that lends its CPU as soon as all its calls wait that do not now, or have ended. */
  private lender(actor: ActorRecord): WaitNode | undefined {
    return known(this.lenders, actor, () =>
      this.allOf([...this.options.startedIn(actor)].filter((call) => !isSuspended(call))),
    );
  }

  /** A living instance, which has a part in a circle if one of its calls has. */
  private keeper(actor: ActorRecord): WaitNode | undefined {
    return known(this.keepers, actor, () => this.allOf(this.options.startedIn(actor)));
  }

  private allOf(calls: Iterable<CallRecord>): WaitNode | undefined {
    const all = this.options.add(new WaitNode());
    for (const call of calls) {
      all.missing += 1;
      all.need(this.options.nodeOf(call));
    }
    return all.goesOn ? undefined : all;
  }
}
