import type { CallDraft } from './call-draft';
import type {
  CallBase,
  Claim,
  Dependencies,
  FromWorker,
  MethodCall,
  TaskCall,
  ToWorker,
} from './messages';
import { isEncoded, type EncodedValue, type Outcome, type Payload } from './payload';

/*
 * Batches as one flat list of simple values. A port clones what is posted, and to clone an object is
 * to write and to read the name of each of its fields: five messages pass for each call, and flat
 * they cost a sixth. Only the messages that calls are made of are laid flat, in their usual form; all
 * others stay as they are.
 */

type Message = FromWorker | ToWorker;

type FlatType = 'submit' | 'run' | 'done' | 'settled' | 'callActor' | 'invoke' | 'release' | 'put';
type Flat<T extends FlatType> = Extract<Message, { readonly type: T }>;

/** Stands before a message that is not laid flat. */
const WHOLE = 0;
/** Stands before the fields of one that is. */
const CODES = {
  submit: 1,
  run: 2,
  done: 3,
  settled: 4,
  callActor: 5,
  invoke: 6,
  release: 7,
  put: 8,
} as const satisfies Record<FlatType, number>;

/** Stand before a payload: as itself, as text of a format, or an object with more beside it. */
const PLAIN = 0;
const TEXT = 1;
const RICH = 2;

/** A batch in the form in which it is posted. */
export function pack(batch: readonly unknown[]): unknown[] {
  const out: unknown[] = [];
  for (const message of batch as readonly Message[]) {
    const start = out.length;
    if (writeFlat(out, message)) continue;
    out.length = start;
    out.push(WHOLE, message);
  }
  return out;
}

/** The batch that was packed. */
export function unpack(packed: readonly unknown[]): unknown[] {
  const from = new Cursor(packed);
  const batch: unknown[] = [];
  while (from.hasMore) batch.push(read(from));
  return batch;
}

/** Reads a list from its beginning to its end. */
class Cursor {
  private at = 0;

  constructor(private readonly list: readonly unknown[]) {}

  get hasMore(): boolean {
    return this.at < this.list.length;
  }

  next<T>(): T {
    const item = this.list[this.at] as T;
    this.at += 1;
    return item;
  }
}

/** False, whatever was written, for a message that is to stay whole. */
function writeFlat(out: unknown[], message: Message): boolean {
  switch (message.type) {
    case 'submit':
      out.push(CODES.submit);
      return writeTask(out, message.call);
    case 'run':
      out.push(CODES.run);
      return writeTask(out, message.call) && writeRun(out, message);
    case 'done':
      out.push(CODES.done);
      return writeDone(out, message);
    case 'settled':
      out.push(CODES.settled, message.id);
      return writeOutcome(out, message.outcome);
    case 'callActor':
      out.push(CODES.callActor);
      return writeMethod(out, message.call);
    case 'invoke':
      out.push(CODES.invoke);
      if (message.attempt !== undefined) return false;
      if (!writeMethod(out, message.call)) return false;
      out.push(message.values);
      return true;
    case 'release':
      out.push(CODES.release, message.ids.length);
      for (const [id, received] of message.ids) out.push(id, received);
      return true;
    case 'put':
      out.push(CODES.put, message.id);
      return writePut(out, message);
    default:
      return false;
  }
}

function read(from: Cursor): unknown {
  switch (from.next()) {
    case CODES.submit:
      return { type: 'submit', call: readTask(from) } satisfies Flat<'submit'>;
    case CODES.run:
      return readRun(from);
    case CODES.done:
      return readDone(from);
    case CODES.settled:
      return {
        type: 'settled',
        id: from.next<string>(),
        outcome: readOutcome(from),
      } satisfies Flat<'settled'>;
    case CODES.callActor:
      return { type: 'callActor', call: readMethod(from) } satisfies Flat<'callActor'>;
    case CODES.invoke: {
      const call = readMethod(from);
      const values = from.next<Dependencies | undefined>();
      return { type: 'invoke', call, ...(values && { values }) } satisfies Flat<'invoke'>;
    }
    case CODES.release:
      return readRelease(from);
    case CODES.put:
      return {
        type: 'put',
        id: from.next<string>(),
        value: readPayload(from),
      } satisfies Flat<'put'>;
    default:
      return from.next();
  }
}

/**
 * A type by the names of all its fields: one that is missing here would be lost on its way, as it is
 * neither laid flat nor keeps its message whole, so whoever uses this does not compile.
 */
type All<T, Fields extends keyof T> = [Exclude<keyof T, Fields>] extends [never]
  ? T
  : { readonly notPacked: Exclude<keyof T, Fields> };

type Base = 'id' | 'args' | 'refArgs' | 'parent' | 'depth' | 'caller';
type RareInBase = 'aborted' | 'returns' | 'stream' | 'site';
type RareInMethod = 'name' | 'group' | 'maxRetries' | 'retryDelay';
type RareInDone = 'rest' | 'retry' | 'exitCode' | 'lastLines' | 'crash';

/** Whether a call has nothing beside what is laid flat. */
function isPlain({ aborted, returns, stream, site }: All<CallBase, Base | RareInBase>): boolean {
  const plain = aborted === undefined && returns === undefined;
  return plain && stream === undefined && site === undefined;
}

function isPlainMethod(
  call: All<MethodCall, Base | RareInBase | 'actor' | 'method' | RareInMethod>,
): boolean {
  const { name, group, maxRetries, retryDelay } = call;
  const plain = name === undefined && group === undefined;
  return plain && maxRetries === undefined && retryDelay === undefined && isPlain(call);
}

function isPlainEnd(
  done: All<Flat<'done'>, 'type' | 'call' | 'outcome' | 'took' | 'blocked' | RareInDone>,
): boolean {
  const { rest, retry, exitCode, lastLines, crash } = done;
  const plain = rest === undefined && retry === undefined && crash === undefined;
  return plain && exitCode === undefined && lastLines === undefined;
}

function writeTask(out: unknown[], call: All<TaskCall, Base | RareInBase | 'spec'>): boolean {
  if (!isPlain(call)) return false;
  writeBase(out, call);
  out.push(call.spec);
  return true;
}

function readTask(from: Cursor): TaskCall {
  const base = readBase(from);
  base.spec = from.next();
  return base as TaskCall;
}

function writeMethod(out: unknown[], call: MethodCall): boolean {
  if (!isPlainMethod(call)) return false;
  writeBase(out, call);
  out.push(call.actor, call.method);
  return true;
}

function readMethod(from: Cursor): MethodCall {
  const base = readBase(from);
  base.actor = from.next();
  base.method = from.next();
  return base as MethodCall;
}

function writeBase(out: unknown[], { id, caller, depth, parent, refArgs, args }: CallBase): void {
  out.push(id, caller, depth, parent, refArgs);
  writePayload(out, args);
}

function readBase(from: Cursor): CallDraft {
  const id = from.next<string>();
  const caller = from.next<string>();
  const depth = from.next<number>();
  const parent = from.next<string | undefined>();
  const refArgs = from.next<CallBase['refArgs']>();
  const call: CallDraft = { id, args: readPayload(from), depth, caller };
  if (parent !== undefined) call.parent = parent;
  if (refArgs !== undefined) call.refArgs = refArgs;
  return call;
}

function writeRun(out: unknown[], { attempt, values, claim, beside }: Flat<'run'>): true {
  out.push(attempt, values, claim.slot, claim.turn, beside);
  return true;
}

function readRun(from: Cursor): Flat<'run'> {
  const call = readTask(from);
  const attempt = from.next<number>();
  const values = from.next<Dependencies | undefined>();
  const claim: Claim = { slot: from.next(), turn: from.next() };
  const beside = from.next<boolean>();
  return { type: 'run', call, attempt, ...(values && { values }), claim, beside };
}

function writeDone(out: unknown[], message: Flat<'done'>): boolean {
  if (!isPlainEnd(message)) return false;
  out.push(message.call, message.blocked, message.took);
  return writeOutcome(out, message.outcome);
}

function readDone(from: Cursor): Flat<'done'> {
  const call = from.next<string>();
  const blocked = from.next<boolean>();
  const took = from.next<number>();
  return { type: 'done', call, blocked, took, outcome: readOutcome(from) };
}

function readRelease(from: Cursor): Flat<'release'> {
  const ids: (readonly [string, number])[] = [];
  for (let left = from.next<number>(); left > 0; left -= 1) ids.push([from.next(), from.next()]);
  return { type: 'release', ids };
}

function writePut(
  out: unknown[],
  { value, site }: All<Flat<'put'>, 'type' | 'id' | 'value' | 'site'>,
): boolean {
  if (site !== undefined) return false;
  writePayload(out, value);
  return true;
}

/** Values only: failures, and ends of streams, keep their message whole. */
function writeOutcome(out: unknown[], outcome: Outcome): boolean {
  if (!outcome.ok || outcome.end !== undefined) return false;
  writePayload(out, outcome.value);
  return true;
}

function readOutcome(from: Cursor): Outcome {
  return { ok: true, value: readPayload(from) };
}

function writePayload(out: unknown[], payload: Payload): void {
  if (!isEncoded(payload)) out.push(PLAIN, payload);
  else if (isText(payload)) out.push(TEXT, payload.format, payload.bytes);
  else out.push(RICH, payload);
}

const isText = ({ bytes, shared, refs, code }: EncodedValue): boolean =>
  typeof bytes === 'string' && shared === undefined && refs === undefined && code === undefined;

function readPayload(from: Cursor): Payload {
  if (from.next() !== TEXT) return from.next();
  return { format: from.next(), bytes: from.next() };
}
