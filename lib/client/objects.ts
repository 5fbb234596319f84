import { whenCollected } from '../base/garbage';
import { IdMap } from '../base/id-map';
import type { ObjectId } from '../base/ids';
import {
  freedFailure,
  isEncoded,
  isPresent,
  payloadOf,
  type Outcome,
  type Payload,
} from '../protocol/payload';
import type { Quiet } from './quiet';
import type { SubmitSite } from './sites';
import { WatchedRefs } from './watched-refs';

/** What this client knows of one object: the state behind every ref and handle to it. */
export interface StoredObject {
  readonly id: ObjectId;
  /** This client made it, so its outcome comes without asking. */
  readonly own: boolean;
  /** How often it was sent here, its making included. */
  received: number;
  /** Refs, handles and stored values on this thread that name it. */
  holders: number;
  outcome: Outcome | undefined;
  site: SubmitSite | undefined;
  /** The raylet was asked to tell its outcome. */
  wanted: boolean;
  /** Its error was delivered to somebody. */
  looked: boolean;
  /** It was made here by a call of an actor. */
  ofActor: boolean;
  /** Its call was cancelled from here. */
  cancelled: boolean;
  /** Its value was freed from here, or is to be when it comes. */
  freed: boolean;
  /** The one, or all who wait for it here. */
  watchers: Watcher | Set<Watcher> | undefined;
  /** The last list that was searched for repetitions and has it. */
  listed: number;
  /** Of an item of a stream. */
  readonly listener: ItemListener | undefined;
  /**
   * Called when somebody begins to wait for it here, or gives it to others who may; `blocking` when
   * nothing else is done on this thread until it settles.
   */
  onAwaited: ((blocking: boolean) => void) | undefined;
}

/** The stream that an object is an item of. */
export interface ItemListener {
  /** Called before all watchers, also while the thread is blocked: it may change tables only. */
  itemSettled(item: StoredObject): void;
  /** Its error was delivered to somebody. */
  itemLookedAt(): void;
}

/** Whoever sees to the memory beside values. */
export interface ValueKeeper {
  /** The object has become what it is. @param arrived the value was sent here, not made here */
  settled(object: StoredObject, arrived: boolean): void;
  /** The object's value, as it is now, is let go of here. */
  forget(object: StoredObject): void;
  /** Whether there is memory beside the object's value. */
  has(object: StoredObject): boolean;
  /** A value came that nobody wants any more. */
  ignored(payload: Payload): void;
}

/** Called once when an object settles. */
export type Watcher = (object: StoredObject) => void;

/** An object that nobody on this thread names any more, and how often it was sent here. */
export type Released = readonly [object: StoredObject, received: number];

/**
 * All objects that this client has a name for: one record each, no subject, no subscription.
 * Whoever waits registers at the records it waits for.
 */
export class ObjectTable {
  private readonly objects = new IdMap<StoredObject>();
  private readonly watched = new WatchedRefs<StoredObject>();

  /** @param onRelease is told of every object as soon as nothing on this thread names it */
  constructor(
    private readonly quiet: Quiet,
    private readonly large: ValueKeeper,
    private readonly onRelease: (released: Released) => void,
  ) {}

  get size(): number {
    return this.objects.size;
  }

  get(id: ObjectId): StoredObject | undefined {
    return this.objects.get(id);
  }

  /** A new object of this client's own making. The caller holds it. */
  create(id: ObjectId, site?: SubmitSite, listener?: ItemListener): StoredObject {
    const object = this.add(id, true, site, listener);
    object.received = 1;
    object.holders = 1;
    return object;
  }

  /**
   * One more ref to an object, read from a value.
   *
   * @param sent the value came from the raylet just now, so it counts the ref as sent here
   */
  hold(id: ObjectId, sent: boolean): StoredObject {
    const object = this.objects.get(id) ?? this.add(id, false);
    if (sent) object.received += 1;
    object.holders += 1;
    return object;
  }

  /** Keeps objects until the answer is called, refs or no refs. */
  retain(objects: readonly StoredObject[]): () => void {
    for (const object of objects) object.holders += 1;
    return () => {
      for (const object of objects) this.drop(object);
    };
  }

  /** One name less. Values may hold values, so what goes with it is worked off in a list. */
  drop(first: StoredObject): void {
    const dropped = [first];
    for (let object = dropped.pop(); object; object = dropped.pop()) {
      object.holders -= 1;
      if (object.holders > 0) continue;
      this.objects.delete(object.id);
      this.large.forget(object);
      this.watched.forget(object);
      this.onRelease([object, object.received]);
      for (const id of refsOf(object.outcome)) {
        const inner = this.objects.get(id);
        if (inner) dropped.push(inner);
      }
    }
  }

  /** One name less once its holder was collected. */
  dropWhenCollected(holder: object, object: StoredObject): void {
    whenCollected(holder, new Name(this, object));
    this.watch(holder, object);
  }

  /** The object has this ref among its names: if it may keep much memory, `dropCollected` looks at it. */
  watch(ref: object, object: StoredObject): void {
    const keepsMuch = this.large.has(object) || refsOf(object.outcome).length > 0;
    if (keepsMuch) this.watched.watch(ref, object);
  }

  /** Drops the names that were collected and that V8 has not told of, as far as refs are watched. */
  dropCollected(): void {
    for (const object of this.watched.takeCollected()) {
      this.drop(object);
      // The record stays until V8 tells; the value does not.
      if (object.holders === 0) object.outcome = undefined;
    }
  }

  /** V8 tells that a holder of the object was collected. */
  collected(object: StoredObject): void {
    if (!this.watched.wasTaken(object)) this.drop(object);
  }

  /**
   * Notes an outcome; the first one stays, unless memory beside it had to go.
   *
   * @param sent false for what this client stored itself
   */
  settle(id: ObjectId, outcome: Outcome, sent = true): void {
    const object = this.objects.get(id);
    if (object?.freed && outcome.ok) return this.settleFreed(object, outcome);
    const missed = object?.outcome;
    const comesAgain = missed?.ok === true && !isPresent(missed.value);
    const kept = object !== undefined && (missed === undefined || comesAgain);
    for (const inner of refsOf(outcome)) {
      const held = this.hold(inner, sent);
      if (!kept) this.drop(held);
    }
    if (!kept) {
      if (sent && outcome.ok) this.large.ignored(outcome.value);
      return;
    }
    if (comesAgain) return this.replace(object, outcome);
    object.outcome = outcome;
    this.large.settled(object, sent);
    if (outcome.ok) object.site = undefined;
    object.listener?.itemSettled(object);
    if (object.watchers) this.quiet.run(() => notify(object));
  }

  /** The value was lost, and is made again: the object is pending until it is told. */
  reopen(id: ObjectId): void {
    const object = this.objects.get(id);
    const { outcome } = object ?? {};
    if (object === undefined || !outcome?.ok || isPresent(outcome.value)) return;
    this.large.forget(object);
    object.outcome = undefined;
    object.wanted = true;
    this.dropAll(refsOf(outcome));
  }

  /** Forgets the value of an object: of a pending one when it comes. */
  free(object: StoredObject): void {
    const { outcome } = object;
    object.freed = true;
    if (!outcome?.ok) return;
    this.large.forget(object);
    object.outcome = { ok: false, failure: freedFailure(object.id) };
    object.looked = true;
    this.dropAll(refsOf(outcome));
  }

  /** Settles everything that is still pending, for a client that ends. */
  settleAll(outcome: Outcome): void {
    for (const object of [...this.objects.values()]) {
      if (object.outcome === undefined) this.settle(object.id, outcome);
    }
  }

  /** What comes of an object that was freed is let go of. */
  private settleFreed(object: StoredObject, outcome: Outcome): void {
    for (const inner of refsOf(outcome)) this.drop(this.hold(inner, true));
    if (outcome.ok) this.large.ignored(outcome.value);
    if (object.outcome !== undefined) return;
    object.looked = true;
    this.settle(object.id, { ok: false, failure: freedFailure(object.id) });
  }

  /** The value is here once more, or is lost. */
  private replace(object: StoredObject, outcome: Outcome): void {
    const before = refsOf(object.outcome);
    this.large.forget(object);
    object.outcome = outcome;
    this.large.settled(object, true);
    this.dropAll(before);
  }

  private dropAll(ids: readonly ObjectId[]): void {
    for (const id of ids) {
      const inner = this.objects.get(id);
      if (inner) this.drop(inner);
    }
  }

  private add(
    id: ObjectId,
    own: boolean,
    site?: SubmitSite,
    listener?: ItemListener,
  ): StoredObject {
    const object = blankObject(id, own, site, listener);
    this.objects.set(id, object);
    return object;
  }
}

/** What is left of a ref or a handle when it is gone. */
class Name {
  constructor(
    private readonly table: ObjectTable,
    private readonly object: StoredObject,
  ) {}

  collected(): void {
    this.table.collected(this.object);
  }
}

/** A pending object that nobody holds, in no table. */
export function blankObject(
  id: ObjectId,
  own: boolean,
  site?: SubmitSite,
  listener?: ItemListener,
): StoredObject {
  return {
    id,
    own,
    received: 0,
    holders: 0,
    outcome: undefined,
    site,
    wanted: false,
    looked: false,
    ofActor: false,
    cancelled: false,
    freed: false,
    watchers: undefined,
    listed: 0,
    listener,
    onAwaited: undefined,
  };
}

/** Has `watcher` called once for each of the objects that is pending, when it settles. */
export function watch(objects: Iterable<StoredObject>, watcher: Watcher): void {
  for (const object of objects) {
    if (object.outcome !== undefined) continue;
    const { watchers } = object;
    if (watchers === undefined) object.watchers = watcher;
    else if (typeof watchers === 'object') watchers.add(watcher);
    else if (watchers !== watcher) object.watchers = new Set([watchers, watcher]);
  }
}

export function unwatch(objects: Iterable<StoredObject>, watcher: Watcher): void {
  for (const object of objects) {
    const { watchers } = object;
    if (watchers === watcher) object.watchers = undefined;
    else if (typeof watchers === 'object') watchers.delete(watcher);
  }
}

let lists = 0;

/** Where an object stands that stands before in the list, or -1. */
export function firstRepeated(objects: readonly StoredObject[]): number {
  const list = (lists += 1);
  for (let at = 0; at < objects.length; at += 1) {
    const object = objects[at];
    if (object?.listed === list) return at;
    if (object) object.listed = list;
  }
  return -1;
}

/** Notes that this thread wants the outcomes that do not come by themselves; answers which are new. */
export function startWanting(objects: readonly StoredObject[]): ObjectId[] {
  const wanted = objects.filter((object) => !object.own && !object.wanted && !isSettled(object));
  for (const object of wanted) object.wanted = true;
  return wanted.map(({ id }) => id);
}

export const isSettled = (object: StoredObject): boolean => object.outcome !== undefined;

export const hasFailed = (object: StoredObject): boolean => object.outcome?.ok === false;

function notify(object: StoredObject): void {
  const watchers = object.watchers;
  object.watchers = undefined;
  if (typeof watchers === 'function') watchers(object);
  else if (watchers) for (const watcher of watchers) watcher(object);
}

/** Refs inside what an object became: they are held as long as it is. */
export function refsOf(outcome: Outcome | undefined): readonly ObjectId[] {
  const payload = outcome && payloadOf(outcome);
  return isEncoded(payload) ? (payload.refs ?? []) : [];
}
