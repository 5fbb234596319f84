import type { Actors } from './actors';
import type { CallValues } from './call-values';
import type { Environment } from './environments';
import type { Hand } from './hand';
import type { Journal } from './journal';
import type { Lives } from './lives';
import { mayStart, place } from './placement';
import type { ReadyQueue, ShapeQueue } from './ready-queue';
import type { CallRecord, SpecRecord } from './records';
import type { ResourcePool } from './resources';
import type { Waiting } from './waiting';
import type { Workers } from './workers';

/** Milliseconds that a short call waits for a thread before one is started for it. */
const PATIENCE = 1.5;
/** Callers whose first call is looked at when the foremost of all has no thread to go to. */
const LOOKED_AT = 32;

/** Advice to whoever blocks threads. */
const AWAIT = 'wait with `await get()` instead of getSync(), or ';

/** Gives out what is free: to instances, to resumed tasks, then to ready calls. */
export class Dispatcher {
  /** When to look again at a short call that rather waits for a thread than for a start. */
  looksAt = Infinity;
  /** Count of threads past which a warning is due. */
  private warnAbove: number;

  constructor(
    private readonly journal: Journal,
    private readonly resources: ResourcePool,
    private readonly queue: ReadyQueue,
    private readonly workers: Workers,
    private readonly hand: Hand,
    private readonly values: CallValues,
    private readonly waiting: Waiting,
    private readonly actors: Actors,
    private readonly lives: Lives,
    private readonly maxThreads: number,
  ) {
    this.warnAbove = maxThreads;
  }

  dispatch(): void {
    this.looksAt = Infinity;
    this.actors.dispatch();
    const cpusAreGiven = this.resume();
    if (!cpusAreGiven) this.hand.makeWay();
    this.actors.wake(cpusAreGiven);
    while (this.dispatchOne(cpusAreGiven));
  }

  /**
   * Lets calls that are answered go on; false when one of them has to wait for a CPU. What living
   * instances keep does not come back: rather one call over the limit than a wait for ever.
   */
  private resume(): boolean {
    while (!this.waiting.resume()) {
      if (this.resources.cpuInUse > this.lives.cpuKept) return false;
      this.waiting.resumeOne();
    }
    return true;
  }

  /** Places the foremost call that can go anywhere; false when none can. */
  private dispatchOne(cpus: boolean): boolean {
    let filling = true;
    for (const queue of this.queue.waiting()) {
      if (!cpus && queue.shape.cpu > 0) continue;
      if (this.resources.fits(queue.shape)) {
        if (this.placeOneOf(queue)) return true;
        continue;
      }
      if (filling && this.putInHand(queue)) return true;
      // It waits for a CPU: short calls behind it in the order must not keep the CPUs for ever.
      if (this.resources.couldFit(queue.shape)) filling = false;
    }
    return false;
  }

  /** Puts the first call behind others of its shape, if it is known not to be long. */
  private putInHand(queue: ShapeQueue): boolean {
    const call = queue.first();
    if (call?.spec === undefined || call.message.kind !== 'task') return false;
    const room = this.hand.roomFor(call.spec);
    if (room === undefined || !this.values.areHere(call)) return false;
    this.hand.append(call, call.spec, room);
    queue.take(call);
    return true;
  }

  private placeOneOf(queue: ShapeQueue): boolean {
    let starter: CallRecord | undefined;
    let awaited = false;
    const mayGrow = this.mayGrow(queue.shape.env);
    for (const call of queue.candidates(LOOKED_AT)) {
      const { spec } = call;
      if (spec === undefined) continue;
      if (!this.values.areHere(call)) {
        if (this.bring(call, queue)) return true;
        awaited = true;
        continue;
      }
      if (call.message.kind === 'creation') {
        queue.take(call);
        this.actors.place(call, spec);
        return true;
      }
      const { on } = place(call, spec, this.workers, mayGrow);
      if (on === 'new thread') {
        starter ??= call;
      } else if (on !== undefined) {
        queue.take(call);
        this.hand.assign(call, spec, on);
        return true;
      }
    }
    if (starter?.spec !== undefined) this.startFor(starter, starter.spec, queue);
    else if (!awaited && this.isStuck()) this.unlock(queue);
    return false;
  }

  /**
   * Has the arguments of the foremost call brought back from disk; others go on meanwhile. Not of more
   * calls than can go soon: theirs would only be in the way.
   */
  private bring(call: CallRecord, queue: ShapeQueue): boolean {
    if (this.values.awaited >= this.resources.room(queue.shape)) return false;
    queue.take(call);
    this.values.bring(call, () => this.queue.push(call, queue.shape));
    return true;
  }

  /** Lets threads come, one for each call that has resources waiting for it. */
  private startFor(call: CallRecord, spec: SpecRecord, queue: ShapeQueue): void {
    const { env } = queue.shape;
    if (spec.profile.short && this.workers.soonFree(env, PATIENCE)) {
      this.looksAt = this.journal.at + PATIENCE;
      return;
    }
    const { starting = 0 } = this.workers.crewOf(env) ?? {};
    let missing = Math.min(queue.size, this.resources.room(queue.shape)) - starting;
    for (; missing > 0; missing -= 1) {
      const { blocking } = spec.profile;
      if (!mayStart(this.workers, this.maxThreads, env)) {
        const stranger = this.workers.idleStranger(env);
        if (stranger !== undefined) this.workers.retire(stranger);
        else if (!blocking) return;
      }
      this.workers.start(env);
      if (blocking) this.warnOf(call, 'may block its thread');
      else if (this.workers.crewOf(env)?.threads === this.workers.threads) {
        this.warnOf(call, 'finds no thread that is not blocked');
      } else this.warnOf(call, 'finds no thread with the variables of its runtimeEnv', '');
    }
  }

  /** Whether a thread of this environment may come, perhaps in the place of one that stands idle. */
  private mayGrow(env: Environment): boolean {
    if (mayStart(this.workers, this.maxThreads, env)) return true;
    return this.workers.idleStranger(env) !== undefined;
  }

  private isStuck(): boolean {
    return this.workers.active === 0 && this.workers.starting === 0 && !this.actors.areBusy();
  }

  /** Everything is suspended and nothing may share a thread: one more is better than to hang. */
  private unlock(queue: ShapeQueue): void {
    const call = queue.first();
    if (call === undefined) return;
    this.workers.start(queue.shape.env);
    this.warnOf(call, 'finds all threads taken by tasks that wait');
  }

  private warnOf(call: CallRecord, why: string, advice = AWAIT): void {
    const { threads } = this.workers;
    if (threads <= this.warnAbove) return;
    this.warnAbove *= 2;
    const text =
      `${threads} threads, more than maxThreads (${this.maxThreads}): ${call.name} ${why}; ` +
      `${advice}raise maxThreads in init()`;
    this.journal.emit({ type: 'warn', text });
  }
}
