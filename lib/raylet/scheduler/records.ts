import type { ActorId, CallId, ClientId, CodeId, ObjectId, ParcelId, SpecId } from '../../base/ids';
import type { CrashReport, CreateActor, MethodCall, TaskCall } from '../../protocol/messages';
import type { RemoteSpec } from '../../protocol/specs';
import type { Failure, Outcome, Parcel, Payload, SystemFailure } from '../../protocol/payload';
import type { CallState } from './call-state';
import type { Environment } from './environments';
import type { RevokedClaim } from './instructions';
import type { FailureTrace } from './failures';
import type { Profile } from './profile';
import type { Hold, Shape } from './resources';

/* What the scheduler knows of each thing, and nothing else: the rules are in the files beside. */

/** A remote function or class, with what was learnt of it. */
export interface SpecRecord {
  readonly spec: RemoteSpec;
  /** Held by whoever can call it. Where its code names it, it is known as long as that is, held or not. */
  object: ObjectRecord;
  /** Its own code, where that names it. */
  readonly own: ParcelRecord[];
  readonly shape: Shape;
  readonly profile: Profile;
  /** What this machine does not have of what it asks for; undefined once that was said. */
  lacks: string | undefined;
}

/** What follows when the thread is done with an abandoned call. */
export interface Abandonment {
  /** It is run again: its object is not settled. */
  readonly again: boolean;
  /** Calls that it makes before it knows are cancelled, because it …: `was cancelled`. */
  readonly endsChildren: string | undefined;
}

export type CallMessage =
  | ({ readonly kind: 'task' } & { readonly call: TaskCall })
  | ({ readonly kind: 'method' } & { readonly call: MethodCall })
  | ({ readonly kind: 'creation' } & { readonly call: CreateActor });

export class CallRecord {
  state: CallState = 'pending';
  /** Refs among its arguments that are not settled. */
  unresolved = 0;
  /** 0 for the first. */
  attempt = 0;
  /** How many of its attempts were put off, and until when the last of them was. */
  delays = 0;
  dueAt = 0;
  /** The objects that the values after its first become, where it has several. */
  further: readonly ObjectRecord[] | undefined;
  worker: WorkerRecord | undefined;
  lease: Lease | undefined;
  /** Slot in the worker's claim table; -1 once it is known to have started. */
  slot = -1;
  turn = 0;
  /** What it is expected to take, in milliseconds, when it was put in hand. */
  estimate = 0;
  /** It is the first of its function on its thread. */
  cold = false;
  /** Since when it waits, or last waited, and how long it lent its CPU altogether in this attempt. */
  suspendedAt = 0;
  suspendedFor = 0;
  waits: Map<number, WaitRecord> | undefined;
  /** Its thread stands still while it waits. */
  blocksThread = false;
  /** Settlements kept back until it runs again. */
  outbox: Set<ObjectRecord> | undefined;
  /** Calls of functions and methods that it made and that have not ended. */
  children: Set<CallRecord> | undefined;
  /** Why it ends without having run: something that it needed is not to be had. */
  unrun: Failure | undefined;
  /** Set while it is abandoned. */
  abandonment: Abandonment | undefined;
  /** Takes what is planned for the end of its time off the agenda. */
  deadline: (() => void) | undefined;
  /** Of a generator. */
  stream: StreamRecord | undefined;
  /** Set once somebody follows it, or it has told how far it is. */
  progress: ProgressRecord | undefined;

  constructor(
    readonly message: CallMessage,
    /** Counts submissions. */
    readonly order: number,
    /** `square`, `Counter.increment`, `Counter`. */
    readonly name: string,
    readonly object: ObjectRecord,
    /** The nearest call above it that has not ended, as far as known. */
    public parent: CallRecord | undefined,
    /** Of a task or a creation. */
    readonly spec: SpecRecord | undefined,
    /** Of a creation or a method call. */
    readonly actor: ActorRecord | undefined,
    /** Times it may be run again after its worker or its instance died, or it threw; -1 without end. */
    public retries: number,
  ) {}

  get id(): CallId {
    return this.message.call.id;
  }
}

/** Whether the call gave its CPU back. */
export const isSuspended = ({ state }: CallRecord): boolean =>
  state === 'waiting' || state === 'resuming';

/** What the call runs on: resources of its own, or those of its instance. */
export const holdOf = ({ lease, actor }: CallRecord): Hold | undefined => lease ?? actor?.holds;

/** Resources taken for one thread's running call and the calls in hand behind it. */
export interface Lease extends Hold {
  readonly worker: WorkerRecord;
  /** In the order given; the first runs. */
  readonly calls: CallRecord[];
  /** More calls may be added behind. */
  open: boolean;
  /** Milliseconds of work expected of its calls. */
  work: number;
  /** Since when the first is the first. */
  frontSince: number;
}

/** What a generator has yielded. */
export interface StreamRecord {
  /** The client that submitted it, and reads. */
  readonly owner: ClientRecord;
  /** The object of the next item, pending; undefined once nobody reads on. */
  item: ObjectRecord | undefined;
  /** Items that are settled: they stay as they are when the call runs again. */
  count: number;
  /** How many the reader has taken; counted for those with `backpressure` only. */
  taken: number;
}

/** What a running call tells of itself. */
export interface ProgressRecord {
  /** Which of its objects each client follows, with the token that it gave. */
  readonly followers: Map<ClientRecord, Map<ObjectId, number>>;
  /** The latest it has told, as a list of one. */
  last: readonly [Payload] | undefined;
}

export interface WaitRecord {
  readonly id: number;
  readonly call: CallRecord;
  /** Distinct refs of it that were pending when it came. */
  readonly objects: readonly ObjectRecord[];
  /** How many more must settle. */
  remaining: number;
  readonly failFast: boolean;
  /** Of a generator that pauses: how many of its items must be taken. */
  readonly taken: number | undefined;
  /** It ends by itself, answered or not. */
  readonly limited: boolean;
  /** Its thread stands still for it. */
  readonly blocking: boolean;
  answered: boolean;
  /** `settledAs` of the object that answered it. */
  answeredBy: number;
}

/** What another client than the owner has to do with an object. */
export interface Interest {
  /** How often it was sent a ref of it that it has not released. */
  sent: number;
  /** To be told when it settles. */
  wants: boolean;
}

export class ObjectRecord {
  outcome: Outcome | undefined;
  /** Counts the objects that have settled; 0 for one that has not. */
  settledAs = 0;
  /** As `Interest` for the owner, who has all objects it made from the start. */
  ownerSent = 1;
  ownerWants = true;
  others: Map<ClientRecord, Interest> | undefined;
  /** Calls without result that were given it as an argument: they get its value, freed or not. */
  uses = 0;
  /** Its value is to be forgotten when it comes. */
  freed = false;
  /** Its value, which was freed, as long as it has uses. */
  kept: readonly [Payload] | undefined;
  /** Calls without result that need it, stored values and code that hold it. */
  pins = 0;
  dependants: CallRecord[] | undefined;
  waits: Set<WaitRecord> | undefined;
  /** Its failure, should there be one, counts as seen. */
  looked = false;
  trace: FailureTrace | undefined;
  /** How its value can be made again, should it be lost. */
  lineage: Lineage | undefined;
  /** The instance whose creation it tells of: whoever holds it can call that instance. */
  actor: ActorRecord | undefined;
  /** The remote function or class that it stands for: whoever holds it can call that. */
  spec: SpecRecord | undefined;
  /** The call that makes it, as long as it runs, where that has several: its id is another then. */
  maker: CallRecord | undefined;
  /** Where it was put or its call was made, where that is recorded: as in `CallBase`. */
  site: string | undefined;

  constructor(
    readonly id: ObjectId,
    readonly owner: ClientRecord,
    /** Name of the call that makes it. */
    readonly name: string,
    /** The call whose body made it; absent for the driver's. */
    readonly ownerCall: CallId | undefined,
  ) {}
}

/** Code that some thread has captured, as it is kept. */
export interface ParcelRecord {
  readonly id: ParcelId;
  /** Undefined while only its name is known: it comes behind the first that needs it. */
  parcel: Parcel | undefined;
  /** What is kept with it: its body, without the names of functions that are made of it. */
  kept: Payload;
  /** Those functions: it must not keep what keeps it. */
  own: readonly SpecRecord[];
  /** Kept payloads, remote functions and other parcels that need it, each as often as it does. */
  pins: number;
  /** Threads on which something that it brought, or was captured from, may live. */
  readonly at: Map<ClientRecord, Possession>;
}

/** What a thread has of a parcel. */
export interface Possession {
  /** How often it was sent there, its capture included. */
  sent: number;
  /** Everything can be made of it there; else there are only the things that live. */
  whole: boolean;
}

/** How a value was made: by a task that may be run again. Who keeps it keeps the code, but no large values. */
export interface Lineage {
  readonly call: TaskCall;
  readonly spec: SpecRecord;
  readonly name: string;
  readonly owner: ClientRecord;
  /** How often it may be run again; -1 without end. */
  readonly retries: number;
  /** Its arguments that were refs. */
  readonly inputs: readonly Input[];
  /** Itself, and those before it. */
  readonly generations: number;
  /** Objects that were made so, and others for which these were arguments. */
  holds: number;
}

/** An argument: by its value, where that is small, or how it was made. Neither of a large one that was put. */
export interface Input {
  readonly id: ObjectId;
  readonly value?: readonly [Payload];
  readonly lineage?: Lineage;
}

export interface ClientRecord {
  readonly id: ClientId;
  /** False once its thread has ended: nothing is sent to it. */
  alive: boolean;
  /** Refs sent to it are counted as held by it. Where the driver's client reads them, that one says so. */
  readonly counts: boolean;
  /** Code of which something may live there. */
  readonly parcels: Set<ParcelRecord>;
  /** Those it was told of. */
  readonly specs: Set<SpecId>;
  /** Objects it holds. Not kept for the driver, which outlives them all. */
  readonly held: Set<ObjectRecord> | undefined;
}

export interface WorkerRecord {
  readonly client: ClientRecord;
  state: 'starting' | 'online' | 'draining' | 'retiring' | 'ended';
  /** Set where instances live: it takes no calls of functions. */
  readonly host: Host | undefined;
  /** It was started with these variables, and takes calls that ask for them. */
  readonly env: Environment;
  /** How often functions with `maxCalls` were run on it. */
  runs: Map<CodeId, number> | undefined;
  /** Task calls on it that have no result. */
  readonly calls: Set<CallRecord>;
  /** How many of them are not suspended. */
  active: number;
  /** How many calls on it, methods too, stand in a blocking wait. */
  blocked: number;
  readonly freeSlots: number[];
  readonly turns: Int32Array;
  /** Calls asked back, by request: the answers come in this order. */
  readonly revokes: (readonly RevokedClaim[])[];
  idleSince: number;
  /** The call whose uncaught error made it unusable, when known. */
  culprit: CallId | undefined;
}

/** The instances of a thread. */
export interface Host {
  /** It takes any number of those that ask for no thread of their own; else it is for one alone. */
  readonly shared: boolean;
  /** Those that live there, or are being made. */
  readonly tenants: Set<ActorRecord>;
  /** Those that were told to go and may still be there, and since when: the first was told first. */
  readonly leaving: Map<ActorId, number>;
}

/** Threads for tasks of one environment, where there are any. */
export interface Crew {
  readonly env: Environment;
  /** Those coming or there that take calls. */
  threads: number;
  /** How many of them are coming. */
  starting: number;
  /** Those without calls, the warmest last. */
  idle: WorkerRecord[];
}

/** Method calls of one caller in one lane of an actor, in the order they are to go. */
export interface CallerLine {
  readonly caller: string;
  calls: CallRecord[];
  /** Index of the first that was not given to the instance. */
  head: number;
  /** Given to the instance, and perhaps to be given to it again before those behind it. */
  held?: CallRecord | undefined;
  /** Calls that cannot go yet, where others may overtake them. */
  early?: Set<CallRecord>;
}

/** Calls of one concurrency group of an actor, or of those without; `lanes.ts` has the rules. */
export interface Lane {
  /** How many the instance runs at once. */
  readonly limit: number;
  readonly lines: Map<string, CallerLine>;
  /** Callers whose first call can go, taking turns. */
  readonly turn: Set<CallerLine>;
  /** How many were given to the instance and have no result. */
  inFlight: number;
}

/** Calls given to the thread that have no result. */
export function callsOn({ host, calls }: WorkerRecord): readonly CallRecord[] {
  if (host === undefined) return [...calls];
  return [...host.tenants].flatMap(({ creation, inFlight }) =>
    creation === undefined ? [...inFlight] : [creation, ...inFlight],
  );
}

/** Why an instance cannot go on as it is. */
export interface Crash {
  /** One clause for people: `its thread reached its heap limit`. */
  readonly reason: string;
  readonly cause?: Failure;
  /** It has begun none of the calls that it still has. */
  readonly idle?: boolean;
}

/** What comes before an instance is made anew. */
export interface Rest {
  readonly crash: Crash;
  readonly since: number;
  /** Its delay is over then. */
  readonly until: number;
  /** Its thread of before, as long as it has not left that: it may have ports and files open. */
  leaving: WorkerRecord | undefined;
  /** Takes the next look off the agenda, where one is planned. */
  cancel: (() => void) | undefined;
}

/**
 * Where an instance stands.
 * - creating: its constructor has not run for the first time
 * - alive: calls go to it
 * - restarting: it has crashed, and its constructor has not run again
 * - dead: for ever
 */
export type ActorState = 'creating' | 'alive' | 'restarting' | 'dead';

/** What becomes of an instance is being decided by one above it. */
export interface Judgement {
  readonly report: CrashReport;
  readonly judge: ActorRecord;
  readonly token: number;
}

export interface ActorRecord {
  readonly id: ActorId;
  readonly spec: SpecRecord;
  /** While one above it decides what becomes of it: it takes no call. */
  judgement?: Judgement | undefined;
  /** Those about whom it was asked. */
  judges?: Set<ActorRecord>;
  /** What it has saved for a restart. */
  saved?: { readonly state: Payload } | undefined;
  /** What makes it, once and again. */
  readonly message: CreateActor;
  state: ActorState;
  /** Settles when its constructor has run for the first time. Set as soon as the creation is known. */
  object: ObjectRecord | undefined;
  /** Until its constructor is done. */
  creation: CallRecord | undefined;
  worker: WorkerRecord | undefined;
  /** How often it was made anew. */
  restarts: number;
  /** While it restarts. */
  rest: Rest | undefined;
  /** Top-level refs among its arguments that a restart would need. */
  pinned: readonly ObjectId[];
  /** So are its arguments themselves kept. */
  keepsArgs?: boolean;
  /** Taken for it: to be placed, or for life. */
  holds: Hold | undefined;
  /** Calls that name no concurrency group. */
  readonly lane: Lane;
  /** The others, where there are groups. */
  readonly groups?: ReadonlyMap<string, Lane>;
  /** All of them. */
  readonly lanes: readonly Lane[];
  /** Calls given to the instance that have no result. */
  readonly inFlight: Set<CallRecord>;
  /** Its creation and those of its calls that lend its CPU; made when one does. */
  suspended?: Set<CallRecord>;
  failure: SystemFailure | undefined;
  /** How often clients were asked whether they still have handles of it, and until when that does. */
  asked?: { readonly times: number; readonly until: number };
}
