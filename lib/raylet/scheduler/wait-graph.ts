import type { Calls } from './calls';
import type { ObjectDirectory } from './objects';
import { hasLentCpu, laneFor, lineOf, queuedIn, startedBeside, startedIn } from './places';
import {
  type ActorRecord,
  type CallerLine,
  type CallRecord,
  callsOn,
  type Lane,
  type ObjectRecord,
  type WaitRecord,
} from './records';
import { Scarcity, type ScarcityParts } from './scarcity';
import { known, WaitNode } from './wait-node';
import type { Waiting } from './waiting';

/** What the graph is read from. */
export interface GraphParts extends ScarcityParts {
  readonly calls: Calls;
  readonly objects: ObjectDirectory;
  readonly waiting: Waiting;
}

/**
 * Who waits for whom, as it is now. A node goes on when enough of what it needs does: a waiting call
 * when one of its waits is answered, a wait when enough of its objects are made, a call with open
 * arguments when all are, a method call when those before it in its caller's line and one that
 * runs in its instance are, a ready call when the tasks that hold its resources and will end free
 * enough. What runs goes on, and so does what nobody knows anything of; what is left over waits for
 * ever.
 */
export class WaitGraph {
  private readonly calls = new Map<CallRecord, WaitNode>();
  private readonly places = new Map<Lane, WaitNode | undefined>();
  private readonly started = new Map<ActorRecord, ReadonlySet<CallRecord>>();
  private readonly lines = new Map<CallerLine, ReadonlyMap<CallRecord, CallRecord | undefined>>();
  private readonly nodes: WaitNode[] = [];
  private readonly unread: WaitNode[] = [];
  private readonly scarcity: Scarcity;

  /** Reads everything that these calls depend on. */
  constructor(
    private readonly parts: GraphParts,
    calls: Iterable<CallRecord>,
  ) {
    this.scarcity = new Scarcity({
      parts,
      nodeOf: (call) => this.nodeOf(call),
      add: (node) => this.add(node),
      startedIn: (actor) => this.startedIn(actor),
    });
    for (const call of calls) this.nodeOf(call);
    for (let node = this.unread.pop(); node !== undefined; node = this.unread.pop()) {
      if (node.call !== undefined) this.read(node, node.call);
    }
    this.spread(this.nodes.filter(({ goesOn }) => goesOn));
  }

  get size(): number {
    return this.nodes.length;
  }

  /** The node of a call that waits for ever. */
  stuck(call: CallRecord): WaitNode | undefined {
    const node = this.calls.get(call);
    return node === undefined || node.goesOn ? undefined : node;
  }

  /** Somebody lets it go on, and with it all that wait for nothing else. */
  release(node: WaitNode): void {
    node.missing = 0;
    this.spread([node]);
  }

  /** What goes on lets others go on: by a list, so that a chain of any length needs no stack. */
  private spread(free: WaitNode[]): void {
    for (
      let next = free.pop() ?? this.scarcity.keptForLife();
      next !== undefined;
      next = free.pop() ?? this.scarcity.keptForLife()
    ) {
      for (const { node, weight } of next.neededBy) {
        if (node.goesOn) continue;
        node.missing -= weight;
        if (node.goesOn) free.push(node);
      }
    }
  }

  private nodeOf(call: CallRecord): WaitNode | undefined {
    if (call.state === 'finished' || this.runs(call)) return undefined;
    let node = this.calls.get(call);
    if (node === undefined) {
      node = this.add(new WaitNode(call));
      this.calls.set(call, node);
      this.unread.push(node);
    }
    return node;
  }

  private add(node: WaitNode): WaitNode {
    this.nodes.push(node);
    return node;
  }

  /** A task that certainly waits for nothing, as nearly all that are waited for. */
  private runs({ state, actor, worker }: CallRecord): boolean {
    const onThread = state === 'running' || state === 'assigned' || state === 'revoking';
    return onThread && actor === undefined && worker?.blocked === 0;
  }

  /** Notes all that the call depends on: every one of its conditions. */
  private read(node: WaitNode, call: CallRecord): void {
    for (const condition of this.conditions(call)) {
      node.missing += 1;
      node.need(condition);
    }
  }

  private *conditions(call: CallRecord): Iterable<WaitNode | undefined> {
    const { state, worker, message } = call;
    if (state === 'pending') yield* this.args(call);
    if (message.kind === 'method') {
      if (worker === undefined) yield* this.turn(call);
      else if (!this.isStarted(call)) yield this.placeFor(call);
    } else if (state === 'ready') {
      const shape = call.spec?.shape;
      if (shape !== undefined) yield this.scarcity.roomFor(shape);
    }
    if (state === 'resuming') yield this.scarcity.cpuFor(call);
    if (this.parts.waiting.waiting.has(call)) yield this.waitsOf(call);
    if (worker !== undefined && worker.blocked > 0 && call.slot < 0) {
      for (const other of callsOn(worker)) {
        if (other.blocksThread && other !== call) yield this.through(other, 'blocks its thread');
      }
    }
  }

  private *args(call: CallRecord): Iterable<WaitNode | undefined> {
    for (const [, id] of call.message.call.refArgs ?? []) {
      const object = this.parts.objects.get(id);
      if (object !== undefined) yield this.makerOf(object);
    }
  }

  /** A method call in its caller's line: those before it go first, and then it needs a place. */
  private *turn(call: CallRecord): Iterable<WaitNode | undefined> {
    const { actor } = call;
    if (actor?.creation !== undefined) yield this.nodeOf(actor.creation);
    if (actor?.state !== 'alive') return;
    const before = laneFor(call)?.limit === 1 ? this.before(call) : undefined;
    if (before !== undefined) yield this.nodeOf(before);
    const place = this.placeFor(call);
    yield place;
    if (place === undefined && hasLentCpu(actor)) yield this.scarcity.cpuFor(call);
  }

  private isStarted(call: CallRecord): boolean {
    return call.actor !== undefined && this.startedIn(call.actor).has(call);
  }

  private startedIn(actor: ActorRecord): ReadonlySet<CallRecord> {
    return known(this.started, actor, () => new Set(startedIn(actor)));
  }

  private before(call: CallRecord): CallRecord | undefined {
    const line = lineOf(call);
    if (line === undefined) return undefined;
    let order = this.lines.get(line);
    if (order === undefined) {
      const queued = queuedIn(line);
      order = new Map(queued.map((one, at) => [one, queued[at - 1]]));
      this.lines.set(line, order);
    }
    return order.get(call);
  }

  /** A place in the instance is free when any of the calls that run there has ended. */
  private placeFor(call: CallRecord): WaitNode | undefined {
    const lane = laneFor(call);
    if (lane === undefined) return undefined;
    return known(this.places, lane, () => {
      const started = startedBeside(call);
      if (started.length < lane.limit) return undefined;
      const place = this.add(new WaitNode());
      place.missing = 1;
      for (const one of started) place.need(this.nodeOf(one));
      return place;
    });
  }

  /** Any wait that is answered lets the call go on; where its thread stands still, what it stands for. */
  private waitsOf(call: CallRecord): WaitNode | undefined {
    const { waits, blocksThread } = call;
    const any = this.add(new WaitNode());
    any.missing = 1;
    for (const wait of waits?.values() ?? []) {
      if (blocksThread && !wait.blocking) continue;
      if (wait.limited) return undefined;
      any.need(wait.taken === undefined ? this.enoughFor(wait) : this.readerOf(call));
    }
    return any;
  }

  /** Who is to take the items of a generator: the call that made it, where no other can. */
  private readerOf({ stream, message }: CallRecord): WaitNode | undefined {
    const parent = this.parts.calls.table.get(message.call.parent ?? '');
    const reads = parent?.worker !== undefined && parent.worker.client === stream?.owner;
    if (!reads || (laneFor(parent)?.limit ?? 1) > 1) return undefined;
    return this.through(parent, 'takes no items');
  }

  private enoughFor(wait: WaitRecord): WaitNode | undefined {
    const enough = this.add(new WaitNode());
    enough.missing = wait.remaining;
    for (const object of wait.objects) {
      if (object.outcome === undefined) enough.need(this.makerOf(object));
    }
    return enough;
  }

  private makerOf(object: ObjectRecord): WaitNode | undefined {
    const maker = this.parts.calls.makerOf(object);
    return maker && this.nodeOf(maker);
  }

  private through(call: CallRecord, note: string): WaitNode {
    const node = this.add(new WaitNode());
    node.missing = 1;
    node.need(this.nodeOf(call), 1, note);
    return node;
  }
}
