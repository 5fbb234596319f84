import { IdMap } from '../../base/id-map';
import type { BufferId, CallId, ObjectId } from '../../base/ids';
import {
  freedFailure,
  isEncoded,
  payloadOf,
  sharedIn,
  type Failure,
  type Outcome,
  type Payload,
} from '../../protocol/payload';
import type { UnseenFailure } from '../../protocol/messages';
import type { Buffers } from './buffers';
import type { Clients } from './clients';
import { FailureTraces, lost, lostOnDisk, type FailureTrace } from './failures';
import type { Journal } from './journal';
import type { Parcels } from './parcels';
import {
  ObjectRecord,
  type ActorRecord,
  type ClientRecord,
  type Interest,
  type SpecRecord,
  type Lineage,
} from './records';

/** Every object that somebody holds or makes: its value, and who keeps it. */
export class ObjectDirectory {
  /** Objects that settled and whose consequences are not drawn yet. */
  readonly settled: ObjectRecord[] = [];
  /** Instances that nobody can call any more: what follows is not done yet. */
  readonly orphans: ActorRecord[] = [];
  /** Remote functions and classes that nobody can call any more: what follows is not done yet. */
  readonly unnamed: SpecRecord[] = [];
  /** How objects were made that nobody wants any more: that is not let go of yet. */
  readonly unneeded: Lineage[] = [];
  private readonly all = new IdMap<ObjectRecord>();
  private readonly traces = new FailureTraces();
  private settlements = 0;

  constructor(
    private readonly journal: Journal,
    private readonly clients: Clients,
    private readonly buffers: Buffers,
    private readonly parcels: Parcels,
    /** Gives the driver what it needs to read a failure. */
    private readonly prepareReport: (failure: Failure) => void,
  ) {}

  get(id: ObjectId): ObjectRecord | undefined {
    return this.all.get(id);
  }

  /** The object, or in place of one that is gone a record that says so to whoever asks. */
  getOrLost(id: ObjectId, asker: ClientRecord): ObjectRecord {
    const known = this.all.get(id);
    if (known !== undefined) return known;
    const record = this.create(id, asker, 'an object', undefined);
    record.ownerWants = false;
    this.settle(record, { ok: false, failure: lost(id) });
    return record;
  }

  create(
    id: ObjectId,
    owner: ClientRecord,
    name: string,
    ownerCall: CallId | undefined,
  ): ObjectRecord {
    const record = new ObjectRecord(id, owner, name, ownerCall);
    const { size } = this.all;
    this.all.set(id, record);
    if (this.all.size === size) throw this.journal.bug(`the object ${id} was made twice`, id);
    owner.held?.add(record);
    return record;
  }

  /** An object that is made again for others, while nobody has a ref of it. */
  createUnowned(id: ObjectId, owner: ClientRecord, name: string): ObjectRecord {
    const record = this.create(id, owner, name, undefined);
    record.ownerSent = 0;
    record.ownerWants = false;
    owner.held?.delete(record);
    return record;
  }

  /** Stores the outcome; it holds the refs inside. `cause`: the failed object that led to it. */
  settle(record: ObjectRecord, outcome: Outcome, cause?: FailureTrace): void {
    this.store(record, outcome);
    if (outcome.ok) return;
    const unseen = { id: record.id, task: record.name, failure: outcome.failure };
    record.trace = this.traces.add(unseen, cause);
    if (record.looked) this.traces.look(record.trace);
  }

  /** An object fails with another, which has failed just now: it is told once, and a look at either counts. */
  failWith(record: ObjectRecord, { id, trace }: ObjectRecord, failure: Failure): void {
    if (trace === undefined) throw this.journal.bug('only failures are shared', id);
    this.store(record, { ok: false, failure });
    this.traces.share(trace, record.id);
    record.trace = trace;
    if (record.looked) this.traces.look(trace);
  }

  /** A payload is kept: objects that it names, memory beside it, and code that it needs are kept with it. */
  keep(payload: Payload): void {
    this.keepCode(payload);
    this.keepBeside(payload);
  }

  /** A payload that was kept is not any more. */
  letGo(payload: Payload): void {
    this.letGoCode(payload);
    this.letGoBeside(payload);
  }

  /** The same but for the code. */
  keepBeside(payload: Payload): void {
    if (!isEncoded(payload)) return;
    if (payload.refs !== undefined) this.pin(payload.refs);
    this.buffers.hold(payload);
    this.buffers.pin(payload);
  }

  letGoBeside(payload: Payload): void {
    if (!isEncoded(payload)) return;
    this.buffers.unpin(payload);
    this.buffers.letGo(payload);
    if (payload.refs !== undefined) this.unpin(payload.refs);
  }

  /** As `keep`; but the memory may go to disk, and is brought back when the value is wanted. */
  keepValue(payload: Payload): void {
    if (!isEncoded(payload)) return;
    this.keepCode(payload);
    if (payload.refs !== undefined) this.pin(payload.refs);
    this.buffers.hold(payload);
  }

  letGoValue(payload: Payload): void {
    if (!isEncoded(payload)) return;
    this.letGoCode(payload);
    this.buffers.letGo(payload);
    if (payload.refs !== undefined) this.unpin(payload.refs);
  }

  /** The code that a payload needs is kept, and nothing else of it. */
  keepCode(payload: Payload): void {
    if (isEncoded(payload) && payload.code !== undefined) this.parcels.pin(payload.code);
  }

  letGoCode(payload: Payload): void {
    if (isEncoded(payload) && payload.code !== undefined) this.parcels.unpin(payload.code);
  }

  /** Keeps objects for as long as something of the scheduler needs them. */
  pin(ids: readonly ObjectId[]): void {
    for (const id of ids) {
      const record = this.all.get(id);
      if (record !== undefined) record.pins += 1;
    }
  }

  unpin(ids: readonly ObjectId[]): void {
    for (const id of ids) {
      const record = this.all.get(id);
      if (record !== undefined) this.unpinOne(record);
    }
  }

  unpinOne(record: ObjectRecord): void {
    record.pins -= 1;
    if (isUnheld(record)) this.forget(record);
    else if (record.pins === 0 && record.spec !== undefined) this.parcels.doubt(record.spec);
  }

  /** A payload goes to the client, which holds what is in it from now on. */
  sent(to: ClientRecord, payload: Payload): void {
    if (!to.alive || !isEncoded(payload)) return;
    this.buffers.sent(to, payload);
    if (to.counts && payload.refs !== undefined) this.hold(to, payload.refs);
  }

  /** The client has these refs, each once more. */
  hold(to: ClientRecord, ids: readonly ObjectId[]): void {
    for (const id of ids) {
      const record = this.all.get(id);
      if (record === undefined) continue;
      to.held?.add(record);
      if (record.owner === to) record.ownerSent += 1;
      else interestOf(record, to).sent += 1;
    }
  }

  /**
   * The client has dropped a ref that it had got `received` times: sendings still on their way
   * count from one again when they arrive.
   */
  release(from: ClientRecord, id: ObjectId, received: number): void {
    const record = this.all.get(id);
    if (record === undefined) return;
    if (record.owner === from) {
      record.ownerSent = Math.max(0, record.ownerSent - received);
      if (record.ownerSent > 0) return;
    } else {
      const interest = record.others?.get(from);
      if (interest === undefined) return;
      interest.sent -= received;
      if (interest.sent > 0) return;
      record.others?.delete(from);
    }
    from.held?.delete(record);
    this.leftBy(record);
  }

  private leftBy(record: ObjectRecord): void {
    if (isUnheld(record)) return this.forget(record);
    if (record.spec !== undefined) this.parcels.doubt(record.spec);
  }

  /** The client's thread has ended. */
  releaseAll(from: ClientRecord): void {
    for (const record of from.held ?? []) {
      if (record.owner === from) record.ownerSent = 0;
      else record.others?.delete(from);
      this.leftBy(record);
    }
    from.held?.clear();
    this.buffers.releaseAll(from);
    this.parcels.releaseAll(from);
  }

  /** The value of the object is forgotten, whoever holds it; calls that were given it still get it. */
  free(id: ObjectId): void {
    const record = this.all.get(id);
    if (record === undefined) return;
    record.freed = true;
    if (record.outcome !== undefined) this.dropValue(record);
  }

  /** All that was to follow when the object settled has followed. */
  settledFor(record: ObjectRecord): void {
    if (record.freed) this.dropValue(record);
    this.forgetIfUnheld(record);
  }

  /** A call without result has it as an argument. */
  use(record: ObjectRecord): void {
    record.pins += 1;
    record.uses += 1;
  }

  /** A call has ended that had it as an argument. */
  unuse(id: ObjectId): void {
    const record = this.all.get(id);
    if (record === undefined) return;
    record.uses -= 1;
    if (record.uses === 0) {
      this.letGoValue(record.kept?.[0]);
      record.kept = undefined;
    }
    this.unpinOne(record);
  }

  /** The object failed, and is made again. */
  reopen(record: ObjectRecord): void {
    const { outcome, trace } = record;
    record.outcome = undefined;
    if (outcome !== undefined) this.letGo(payloadOf(outcome));
    // Whoever has its value after all need not hear of this.
    if (trace !== undefined) this.traces.look(trace);
    record.trace = undefined;
  }

  /** Whether calls that were given the object as an argument can have its value. */
  hasValue(id: ObjectId): boolean {
    const { outcome, kept } = this.all.get(id) ?? {};
    return kept !== undefined || outcome?.ok === true;
  }

  /** What calls that were given the object as an argument get; undefined where that is nothing, too. */
  valueOf(id: ObjectId): Payload {
    const { outcome, kept } = this.all.get(id) ?? {};
    if (kept !== undefined) return kept[0];
    return outcome?.ok ? outcome.value : undefined;
  }

  /**
   * The bytes of a buffer are nowhere any more, and with it values are lost. It looks at all there are.
   *
   * @param rebuild has a value made again, where that is possible
   */
  lose(buffer: BufferId, problem: string, rebuild: (record: ObjectRecord) => boolean): void {
    const lost: (readonly [ObjectRecord, Payload])[] = [];
    const has = (payload: Payload): boolean => sharedIn(payload).some(({ id }) => id === buffer);
    for (const record of this.all.values()) {
      const { outcome, kept } = record;
      if (kept !== undefined && has(kept[0])) {
        record.kept = undefined;
        // Calls that were to get it, freed or not, fail for the disk.
        record.outcome = { ok: false, failure: lostOnDisk(record.id, 'its value', problem) };
        this.letGoValue(kept[0]);
      }
      if (outcome?.ok !== true || !has(outcome.value)) continue;
      record.outcome = undefined;
      lost.push([record, outcome.value]);
    }
    for (const [record, value] of lost) {
      if (!rebuild(record)) {
        const failure = lostOnDisk(record.id, 'its value', problem);
        record.outcome = { ok: false, failure };
        record.looked = true;
      }
      this.letGoValue(value);
    }
  }

  private dropValue(record: ObjectRecord): void {
    const { outcome, id, uses } = record;
    if (!outcome?.ok || outcome.end) return;
    record.outcome = { ok: false, failure: freedFailure(id) };
    record.looked = true;
    this.dropLineage(record);
    if (uses > 0) record.kept = [outcome.value];
    else this.letGoValue(outcome.value);
  }

  private dropLineage(record: ObjectRecord): void {
    if (record.lineage !== undefined) this.unneeded.push(record.lineage);
    record.lineage = undefined;
  }

  /** The failure of the object was seen; of a pending one it is going to be. */
  looked(id: ObjectId): void {
    const record = this.all.get(id);
    if (record === undefined) return;
    record.looked = true;
    if (record.trace !== undefined) this.traces.look(record.trace);
  }

  /** All failures that nobody has looked at, told once. */
  unseen(): readonly UnseenFailure[] {
    const failures = this.traces.tellAll();
    for (const { failure } of failures) this.prepareReport(failure);
    return failures;
  }

  private forgetIfUnheld(record: ObjectRecord): void {
    if (isUnheld(record)) this.forget(record);
  }

  values(): Iterable<ObjectRecord> {
    return this.all.values();
  }

  get size(): number {
    return this.all.size;
  }

  /** Drops the value, then whatever only that value held, by a list and not by recursion. */
  private forget(first: ObjectRecord): void {
    const unheld = [first];
    for (let record = unheld.pop(); record !== undefined; record = unheld.pop()) {
      if (!this.all.delete(record.id)) continue;
      record.owner.held?.delete(record);
      this.journal.log({ at: this.journal.at, type: 'objectReleased', object: record.id });
      if (record.trace !== undefined) this.reportUnseen(record.trace, record);
      if (record.actor !== undefined) this.orphans.push(record.actor);
      if (record.spec !== undefined) this.unnamed.push(record.spec);
      this.dropLineage(record);
      if (record.outcome === undefined) continue;
      const payload = payloadOf(record.outcome);
      if (!record.outcome.ok) this.buffers.unpin(payload);
      this.buffers.letGo(payload);
      this.letGoCode(payload);
      for (const id of refsIn(payload)) {
        const inner = this.all.get(id);
        if (inner === undefined) continue;
        inner.pins -= 1;
        if (isUnheld(inner)) unheld.push(inner);
        else if (inner.pins === 0 && inner.spec !== undefined) this.parcels.doubt(inner.spec);
      }
    }
  }

  private store(record: ObjectRecord, outcome: Outcome): void {
    if (record.outcome !== undefined) {
      throw this.journal.bug(`the object of ${record.name} settled twice`, record.id);
    }
    record.outcome = outcome;
    record.settledAs = this.settlements += 1;
    if (outcome.ok) this.keepValue(outcome.value);
    else this.keep(payloadOf(outcome));
    this.settled.push(record);
  }

  private reportUnseen(trace: FailureTrace, { id, owner }: ObjectRecord): void {
    const isShared = trace.others !== undefined;
    const failures = this.traces.gone(trace, id);
    if (failures.length > 0) {
      for (const { failure } of failures) this.prepareReport(failure);
      this.clients.post(this.clients.driver, { type: 'unseen', failures });
    }
    // The report, if one comes, names another object of the same call.
    else if (isShared) this.clients.post(owner, { type: 'forgotten', id });
  }
}

/** Refs inside a payload. */
export const refsIn = (payload: Payload): readonly ObjectId[] =>
  isEncoded(payload) ? (payload.refs ?? []) : [];

/** What the client, not the owner, has to do with the object. */
export function interestOf(record: ObjectRecord, client: ClientRecord): Interest {
  record.others ??= new Map<ClientRecord, Interest>();
  let interest = record.others.get(client);
  if (interest === undefined) record.others.set(client, (interest = { sent: 0, wants: false }));
  return interest;
}

/** Whether anything but its owner holds the object. */
export const isNamedByOthers = ({ pins, others }: ObjectRecord): boolean =>
  pins > 0 || (others !== undefined && others.size > 0);

/** Whether anybody holds it. */
export const isNamed = (record: ObjectRecord): boolean =>
  record.ownerSent > 0 || isNamedByOthers(record);

const isUnheld = (record: ObjectRecord): boolean =>
  record.outcome !== undefined && !isNamed(record);
