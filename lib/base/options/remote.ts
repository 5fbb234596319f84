import { InvalidOptionError } from '../errors';
import { checkGroup } from './groups';
import { validateOptions } from './validate';

/** Any error class. */
export type ErrorClass = abstract new (...args: never[]) => Error;

/** Which errors are retried: all, those of some classes, or those for which the function says true. */
export type RetryRule = boolean | readonly ErrorClass[] | ((error: unknown) => boolean);

/** What the threads of a function or class have of their own. */
export interface RuntimeEnv {
  /** Environment variables, over those of the process. */
  readonly envVars?: Readonly<Record<string, string>>;
}

/** What a call or an instance takes. Amounts down to 0.0001. */
export interface ResourceOptions {
  /** CPUs; 0 for calls that only wait. @defaultValue 1 for a task; see `ActorOptions` */
  readonly numCpus?: number;
  /** GPUs, or a fraction of one. @defaultValue 0 */
  readonly numGpus?: number;
  /** Bytes of the memory of `init`; of an actor also its heap limit, then 16 MB at least. @defaultValue 0 */
  readonly memory?: number;
  /** Custom resources. */
  readonly resources?: Readonly<Record<string, number>>;
  /** Environment variables of the threads it runs on. */
  readonly runtimeEnv?: RuntimeEnv;
}

/** Options that functions and methods share. */
export interface CallOptions {
  /** The name shown in errors and logs. @defaultValue the function's own, or `Class.method` */
  readonly name?: string;
  /** How many refs a call answers with. @defaultValue 1, or a stream for generators */
  readonly numReturns?: number;
  /** How many items a generator may be ahead of its reader; -1 without limit. @defaultValue -1 */
  readonly backpressure?: number;
  /** Cancels the calls made with it when it is aborted. */
  readonly signal?: AbortSignal;
  /** Which errors are retried. @defaultValue false */
  readonly retryExceptions?: RetryRule;
  /** Milliseconds before the first retry for an error, doubled each time. @defaultValue 0 */
  readonly retryDelay?: number;
}

/** Options of a remote function. */
export interface TaskOptions extends ResourceOptions, CallOptions {
  /** How often a call is run again when its worker died, or for an error of `retryExceptions`; -1 without limit. @defaultValue 3 */
  readonly maxRetries?: number;
  /** Calls after which a thread is replaced; 0 without limit. Not in `.options()`. @defaultValue 0 */
  readonly maxCalls?: number;
  /** Milliseconds that each attempt may run. @defaultValue no limit */
  readonly timeout?: number;
  /** Milliseconds that a call may take to end after its `timeout`. @defaultValue 1000 */
  readonly graceMs?: number;
}

/** Options of a method of an actor. `Group`: the names of its concurrency groups. */
export interface MethodOptions<Group extends string = string> extends CallOptions {
  /** How often a call is made again after its actor was restarted; -1 without limit. @defaultValue that of the class */
  readonly maxTaskRetries?: number;
  /** The group in which it runs. @defaultValue the default group */
  readonly concurrencyGroup?: Group;
}

/** What becomes of an instance whose code threw. */
export type CrashDirective = 'resume' | 'restart' | 'stop' | 'escalate';

/** What `onCrash` is told beside the error. */
export interface CrashContext {
  /** Class of the instance whose callback this is. */
  readonly actorName: string;
  readonly actorId: string;
  /** What threw: a method by its name, the `constructor`, or what the instance has left running. */
  readonly during: { readonly method: string } | 'constructor' | 'background';
  /** How often the instance has been restarted. */
  readonly restarts: number;
  /** The instance that escalated, made by this one; then the answer decides about that. */
  readonly child?: { readonly actorName: string; readonly actorId: string };
}

/**
 * Options of a remote class. `Method` and `Group`: the names of its methods, and of its concurrency
 * groups.
 */
export interface ActorOptions<
  Method extends string = string,
  Group extends string = string,
> extends ResourceOptions {
  /** CPUs each instance takes as long as it lives. @defaultValue 1 to be placed, then none; none with `thread: 'shared'` */
  readonly numCpus?: number;
  /** The name under which `getActor` finds the instance. */
  readonly name?: string;
  /** Where the name is unique. @defaultValue that of `init` */
  readonly namespace?: string;
  /** Answers with the instance of the class that has the name, if there is one. @defaultValue false */
  readonly getIfExists?: boolean;
  /** Whether it ends with its last handle, or lives until it is killed. @defaultValue `'non_detached'` */
  readonly lifetime?: 'detached' | 'non_detached';
  /**
   * Whether it has a thread of its own, or lives on one with others, which costs next to nothing; then
   * it takes no CPU unless told, and may not block. @defaultValue `'own'`
   */
  readonly thread?: 'own' | 'shared';
  /** How often it is made anew after a fault; -1 without limit. @defaultValue 0 */
  readonly maxRestarts?: number;
  /** Milliseconds before the first restart, doubled each time. @defaultValue 0 */
  readonly restartDelay?: number;
  /** How often a call is made again after a restart; -1 without limit. @defaultValue 0 */
  readonly maxTaskRetries?: number;
  /** How many calls may be under way at once. @defaultValue 1 */
  readonly maxConcurrency?: number;
  /** Limits of groups of methods. Not in `.options()`. */
  readonly concurrencyGroups?: Readonly<Record<Group, number>>;
  /** Options of single methods. Not in `.options()`. */
  readonly methods?: { readonly [M in Method]?: MethodOptions<NoInfer<Group>> };
  /** How many calls of one caller may be pending; -1 without limit. @defaultValue -1 */
  readonly maxPendingCalls?: number;
  /** What becomes of the instance when its code throws. @defaultValue `'resume'` for methods */
  readonly onCrash?: (error: unknown, context: CrashContext) => CrashDirective;
  /** After how many calls `saveState()` is called, if the class has it. @defaultValue 1 */
  readonly saveEvery?: number;
}

/** What a remote function or class asks for. */
export interface ResolvedRemoteOptions {
  /** As given, later ones over earlier ones; without defaults. */
  readonly given: TaskOptions & ActorOptions;
  /** All that a call or an instance takes, by name, `CPU`, `GPU` and `memory` included. */
  readonly resources: Readonly<Record<string, number>>;
}

/**
 * Merges options over those of before.
 *
 * @throws InvalidOptionError for unknown or ill-typed options
 */
export function resolveRemoteOptions(
  kind: 'function' | 'class',
  options: (TaskOptions & ActorOptions) | undefined,
  where: string,
  before?: ResolvedRemoteOptions,
): ResolvedRemoteOptions {
  validateOptions(kind, options, where, before !== undefined);
  const given = { ...before?.given, ...withoutUndefined(options) };
  if (given.getIfExists && given.name === undefined) {
    throw new InvalidOptionError(`${where}: the option getIfExists needs a name to look for`);
  }
  checkMethodOptions(given, where);
  if (kind === 'class') checkHeap(given, where);
  return { given, resources: resourcesOf(kind, given) };
}

function checkMethodOptions(
  { methods, concurrencyGroups = {} }: ActorOptions,
  where: string,
): void {
  for (const [method, one] of Object.entries(methods ?? {})) {
    const place = `${where}, the methods option for ${method}`;
    validateOptions('method', one, place);
    if (one?.signal !== undefined) {
      throw new InvalidOptionError(
        `${place}: the option signal concerns single calls: give it to handle.${method}.options()`,
      );
    }
    const group = one?.concurrencyGroup;
    if (group !== undefined) checkGroup(group, Object.keys(concurrencyGroups), place);
  }
}

/** Bytes of heap with which a thread starts for certain, and has some left for an instance. */
const LEAST_HEAP = 16 * 2 ** 20;

function checkHeap({ memory = 0, thread }: ActorOptions, where: string): void {
  if (memory > 0 && thread === 'shared') {
    throw new InvalidOptionError(
      `${where}: memory is the heap limit of an actor's own thread, and with thread: 'shared' it has ` +
        'none: leave out one of them; workerHeapMb of init() limits the threads that are shared',
    );
  }
  if (memory === 0 || memory >= LEAST_HEAP) return;
  throw new InvalidOptionError(
    `${where}: memory is the heap limit of an actor's thread too, and that needs ${LEAST_HEAP} ` +
      `bytes (16 MB) at least, not ${memory}: ask for more, or leave it out`,
  );
}

/** What is taken by name. A task takes a CPU unless it says otherwise. */
function resourcesOf(
  kind: 'function' | 'class',
  { numCpus, numGpus, memory, resources }: ResourceOptions,
): Readonly<Record<string, number>> {
  const cpus = numCpus ?? (kind === 'function' ? 1 : undefined);
  return {
    ...resources,
    ...(cpus !== undefined && { CPU: cpus }),
    ...(numGpus && { GPU: numGpus }),
    ...(memory && { memory }),
  };
}

/** Options given as `undefined` count as left out. */
export function withoutUndefined<T extends object>(options: T | undefined): Partial<T> {
  const entries = Object.entries(options ?? {}).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Partial<T>;
}
