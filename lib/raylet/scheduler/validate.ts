import { CLAIM_SLOTS } from '../../protocol/claims';
import { isEncoded, type Payload, payloadOf } from '../../protocol/payload';
import { lendsCpu } from './lanes';
import { must } from './must';
import { refsIn } from './objects';
import type { Parts } from './parts';
import { validateBuffers } from './validate-buffers';
import { validateStreams } from './validate-streams';
import type { CallState } from './call-state';
import { type CallRecord, callsOn, isSuspended, type Lease, type ObjectRecord } from './records';
import { actorPins, validateActors } from './validate-actors';
import { validateCode } from './validate-code';
import { validateCancellation } from './validate-cancellation';
import { validateEnvironments } from './validate-environments';
import { validateHosts } from './validate-hosts';
import { validateReturns } from './validate-returns';
import { counts } from './waiting';
import { validateSupervision } from './validate-supervision';

/** States of a call that is on a thread. */
const ON_THREAD: ReadonlySet<CallState> = new Set([
  'assigned',
  'revoking',
  'running',
  'waiting',
  'resuming',
  'abandoned',
]);

/** States of a call that has a CPU if it needs one. */
const RUNS: ReadonlySet<CallState> = new Set(['assigned', 'running', 'abandoned']);

/**
 * Derives every index anew from the records, and throws an InternalError with the story of the
 * first thing that does not agree. For specs, after each event: it looks at everything.
 */
export function validate(parts: Parts): void {
  validateCalls(parts);
  validateQueues(parts);
  validateWorkers(parts);
  validateResources(parts);
  validateObjects(parts);
  validateHolders(parts);
  validateBuffers(parts, storedPayloads(parts));
  validateCode(parts, storedPayloads(parts));
  validateWaits(parts);
  validateActors(parts);
  validateHosts(parts);
  validateCancellation(parts, (right, id, what) => must(parts, right, id, what));
  validateStreams(parts, (right, id, what) => must(parts, right, id, what));
  validateReturns(parts);
  validateEnvironments(parts);
  validateSupervision(parts);
}

function validateCalls(parts: Parts): void {
  must(parts, parts.objects.settled.length === 0, '', 'settled objects left undone');
  must(parts, parts.calls.resolved.length === 0, '', 'resolved calls left undone');
  must(parts, parts.objects.orphans.length === 0, '', 'orphans left undone');
  for (const call of parts.calls.table.values()) {
    const { id } = call;
    const check = (right: boolean, what: string): void => must(parts, right, id, what);
    const known = parts.calls.table.get(id) === call;
    check(known && call.state !== 'finished', 'an ended call is in the table');
    check(ON_THREAD.has(call.state) === (call.worker !== undefined), `${call.state}, worker wrong`);
    const refs = call.message.call.refArgs ?? [];
    const open = refs.filter(([, ref]) => parts.objects.get(ref)?.outcome === undefined);
    const awaited = open.filter(([, ref]) => parts.objects.get(ref)?.dependants?.includes(call));
    const { length } = awaited;
    check(length === call.unresolved, `${call.unresolved} refs counted, ${length} wait for it`);
    check((call.state === 'pending') === call.unresolved > 0, `${call.state} with open refs`);
    for (const [, ref] of open) {
      // What was lost after it had settled is waited for when the call would go.
      const isKnown = parts.objects.get(ref)?.dependants?.includes(call) ?? false;
      const isMadeAgain = parts.objects.get(ref)?.lineage !== undefined;
      check(isKnown || isMadeAgain, 'an open argument does not know it');
    }
  }
}

function validateQueues(parts: Parts): void {
  const queued = new Set<CallRecord>();
  for (const [shape, call] of parts.queue.calls()) {
    must(parts, !queued.has(call), call.id, 'twice in the ready queue');
    must(parts, call.state === 'ready', call.id, `${call.state} in the ready queue`);
    must(parts, call.spec?.shape === shape, call.id, 'in the queue of another shape');
    queued.add(call);
  }
  let size = 0;
  for (const queue of parts.queue.waiting()) size += queue.size;
  must(parts, size === queued.size, '', 'the ready queue has lost count');
  for (const call of parts.calls.table.values()) {
    const ready = call.state === 'ready' && call.message.kind !== 'method';
    must(parts, ready === queued.has(call), call.id, `${call.state}, in the ready queue or not`);
    const resuming = parts.waiting.resuming.has(call);
    must(parts, resuming === (call.state === 'resuming'), call.id, 'queue of resumed tasks');
  }
  for (const { id } of parts.waiting.resuming) {
    must(parts, parts.calls.table.has(id), id, 'an ended task is to be resumed');
  }
}

function validateWorkers(parts: Parts): void {
  const { workers, calls } = parts;
  const counts = { threads: 0, starting: 0, active: 0, onThreads: 0 };
  for (const [id, worker] of workers.all) {
    const check = (right: boolean, what: string): void => must(parts, right, id, what);
    const mine = [...worker.calls];
    const active = mine.filter((call) => !isSuspended(call)).length;
    const held = mine.filter(({ slot }) => slot >= 0).length;
    check(worker.client.id === id && worker.client.alive, 'client of another thread');
    check(worker.active === active, `${worker.active} active counted, ${active} found`);
    const blocking = callsOn(worker).filter((call) => call.blocksThread);
    check(worker.blocked === blocking.length, 'blocked count');
    check(worker.freeSlots.length + held === CLAIM_SLOTS, 'claim slots lost');
    for (const call of mine) {
      check(calls.table.get(call.id) === call && call.worker === worker, 'call of another thread');
      check(call.message.kind === 'task', 'only tasks are in hand');
      check(call.lease?.worker === worker && call.lease.calls.includes(call), 'lease lost');
    }
    counts.onThreads += mine.length;
    counts.active += active;
    if (worker.host !== undefined) continue;
    if (worker.state === 'starting') counts.starting += 1;
    if (worker.state === 'starting' || worker.state === 'online') counts.threads += 1;
  }
  const { threads, starting, active } = workers;
  const told = JSON.stringify({ threads, starting, active });
  const found = { threads: counts.threads, starting: counts.starting, active: counts.active };
  must(
    parts,
    told === JSON.stringify(found),
    '',
    `counted ${told}, found ${JSON.stringify(found)}`,
  );
  const placed = [...calls.table.values()].filter(
    (call) => call.message.kind === 'task' && call.worker !== undefined,
  );
  must(parts, placed.length === counts.onThreads, '', 'calls on threads that do not know them');
}

function validateResources(parts: Parts): void {
  const taken = new Map([...parts.resources.taken().keys()].map((name) => [name, 0]));
  const add = (name: string, units: number): void => {
    taken.set(name, (taken.get(name) ?? 0) + units);
  };
  const leases = new Set<Lease>();
  for (const { lease } of parts.calls.table.values()) if (lease !== undefined) leases.add(lease);
  for (const { shape, holdsCpu, calls, work } of leases) {
    if (holdsCpu) add('CPU', shape.cpu);
    for (const [name, units] of shape.others) add(name, units);
    const expected = calls.reduce((sum, { estimate }) => sum + estimate, 0);
    must(parts, Math.abs(expected - work) < 1e-6, calls[0]?.id ?? '', 'work of a lease');
    const runs = calls.some(({ state }) => RUNS.has(state));
    must(parts, holdsCpu || !runs, calls[0]?.id ?? '', 'runs without CPU');
    const waits = calls.some((call) => isSuspended(call));
    must(parts, !holdsCpu || !waits, calls[0]?.id ?? '', 'waits with CPU');
  }
  let kept = 0;
  for (const actor of parts.lives.values()) {
    const { id, state, holds } = actor;
    if (holds === undefined) continue;
    const { shape, holdsCpu } = holds;
    const cpu = holdsCpu ? shape.cpu : 0;
    add('CPU', cpu);
    for (const [name, units] of shape.others) add(name, units);
    if (state === 'alive') kept += cpu;
    must(parts, holdsCpu !== lendsCpu(actor), id, holdsCpu ? 'waits with CPU' : 'runs without CPU');
  }
  must(parts, kept === parts.lives.cpuKept, '', 'CPUs that instances keep');
  for (const [name, units] of parts.resources.taken()) {
    must(
      parts,
      taken.get(name) === units,
      '',
      `${name}: ${units} taken, ${taken.get(name)} in use`,
    );
  }
  for (const lease of parts.workers.open) {
    const right = leases.has(lease) && lease.open && lease.worker.state === 'online';
    must(parts, right, lease.worker.client.id, 'a stale open lease');
  }
}

function validateObjects(parts: Parts): void {
  const pins = new Map<string, number>();
  const uses = new Map<string, number>();
  const pin = (ids: readonly string[]): void => {
    for (const id of ids) pins.set(id, (pins.get(id) ?? 0) + 1);
  };
  for (const { message, spec } of parts.calls.table.values()) {
    if (spec !== undefined) pin([spec.spec.id]);
    const args = (message.call.refArgs ?? []).map(([, id]) => id);
    pin(args);
    for (const id of args) uses.set(id, (uses.get(id) ?? 0) + 1);
  }
  for (const { spec } of parts.lineages.all()) pin([spec.spec.id]);
  for (const payload of storedPayloads(parts)) pin(refsIn(payload));
  pin(actorPins(parts));
  for (const object of parts.objects.values()) {
    const check = (right: boolean, what: string): void => must(parts, right, object.id, what);
    check(object.uses === (uses.get(object.id) ?? 0), `${object.uses} uses counted`);
    check(object.kept === undefined || object.uses > 0, 'its value was freed, and nobody needs it');
    check(object.pins === (pins.get(object.id) ?? 0), `${object.pins} pins counted`);
    check(object.outcome === undefined || isHeld(object), 'nobody holds it');
    check(object.outcome === undefined || object.dependants === undefined, 'has dependants still');
    check(object.outcome === undefined || object.waits === undefined, 'has waits still');
  }
}

/** Every payload that is kept, as often as it is: with it are kept the objects it names, and its memory. */
function* storedPayloads(parts: Parts): Iterable<Payload> {
  for (const { message, progress } of parts.calls.table.values()) {
    yield progress?.last?.[0];
    yield message.call.args;
  }
  for (const { outcome, kept } of parts.objects.values()) {
    yield kept?.[0];
    if (outcome !== undefined) yield payloadOf(outcome);
  }
  for (const { call, inputs } of parts.lineages.all()) {
    // Of these only the code is kept.
    if (isEncoded(call.args) && call.args.code) yield { ...call.args, refs: [], shared: [] };
    for (const { value } of inputs) yield value?.[0];
  }
  yield* parts.code.payloads();
  for (const { judgement, saved, keepsArgs, message } of parts.lives.values()) {
    if (keepsArgs) yield message.args;
    yield judgement?.report.failure.error;
    yield saved?.state;
  }
  for (const { failure } of parts.lives.theDead()) {
    if (failure !== undefined) yield payloadOf({ ok: false, failure });
  }
}

function validateHolders(parts: Parts): void {
  for (const object of parts.objects.values()) {
    const { owner, others, ownerSent } = object;
    const check = (right: boolean): void =>
      must(parts, right, object.id, 'holders and held differ');
    if (owner.held !== undefined) check(owner.held.has(object) === ownerSent > 0);
    for (const [client, { sent }] of others ?? []) {
      must(parts, client.alive, object.id, `held by ${client.id}, which has ended`);
      if (client.held !== undefined) check(client.held.has(object) === sent > 0);
    }
  }
  for (const client of parts.clients) {
    for (const object of client.held ?? []) {
      const known = parts.objects.get(object.id) === object;
      must(parts, known, object.id, `${client.id} holds what is forgotten`);
    }
  }
}

function validateWaits(parts: Parts): void {
  for (const call of parts.calls.table.values()) {
    const { id } = call;
    const check = (right: boolean, what: string): void => must(parts, right, id, what);
    const waits = [...(call.waits?.values() ?? [])];
    const answered = waits.some((wait) => wait.answered && counts(wait));
    const waiting = parts.waiting.waiting.has(call);
    const lendsNothing = call.state === 'running' && call.actor !== undefined && waits.length > 0;
    check(waiting ? call.state === 'waiting' || lendsNothing : call.state !== 'waiting', 'waits');
    check(!call.blocksThread || waiting || call.state === 'resuming', 'blocks and does not wait');
    if (call.state === 'waiting') check(waits.length > 0 && !answered, 'waits for nothing');
    if (call.state === 'resuming') check(answered, 'resumes without answer');
    check(call.outbox === undefined || isSuspended(call), 'keeps settlements back while running');
    for (const wait of waits.filter((one) => !one.answered)) {
      for (const object of wait.objects) {
        const pending = object.outcome === undefined;
        check(pending === (object.waits?.has(wait) ?? false), 'a wait is lost');
      }
      check(wait.remaining > 0, 'a wait is over and not answered');
    }
  }
}

const isHeld = ({ pins, ownerSent, others }: ObjectRecord): boolean =>
  pins > 0 || ownerSent > 0 || (others?.size ?? 0) > 0;
