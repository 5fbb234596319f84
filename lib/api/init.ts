import { InvalidCallError } from '../base/errors';
import { resolveInitOptions, type InitOptions } from '../base/options/init';
import { currentClient } from '../client/current';
import { alreadyRunning, end, runningRuntime, start, workerClient } from './runtime';

/** What `init` answers with: the runtime that runs, until it is disposed. */
export interface Context extends AsyncDisposable {
  /** Globally unique id of this machine's runtime. */
  readonly nodeId: string;
  /** CPUs that tasks share. */
  readonly numCpus: number;
  /** The same as `shutdown()`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Starts the local runtime. It starts synchronously, so calls may follow at once; the promise says
 * that the first workers are ready, and need not be awaited.
 *
 * Calling it is optional: the first `.remote()`, `put`, `get` or `wait` starts the runtime with
 * default options. In a task or actor it does nothing.
 *
 * @example
 * await using runtime = await init({ numCpus: 4 });
 *
 * @throws InvalidOptionError for unknown or ill-typed options
 * @throws InvalidCallError when a runtime runs already, naming the line that started it
 */
export function init(options?: InitOptions): Promise<Context> {
  resolveInitOptions(options);
  const worker = workerClient();
  if (worker) {
    const { total } = worker.ask({ type: 'resources' });
    return Promise.resolve(contextOf(worker.node, total.CPU ?? 0));
  }
  const before = runningRuntime();
  if (before && !options?.ignoreReinitError) throw alreadyRunning(before);
  const runtime = before ?? start(options, true);
  const context = contextOf(runtime.client.node, runtime.options.numCpus);
  // Whoever awaits the promise must see it settle, though nothing else keeps the process open yet.
  const ready = runtime.ready.finally(runtime.client.hold()).then(() => context);
  ready.catch(() => {});
  return ready;
}

/** Whether a runtime runs, started by `init` or by its first use. */
export const isInitialized = (): boolean => currentClient() !== undefined;

/**
 * Ends the runtime: tasks and actors end, pending refs reject with `ShutdownError`, old refs and
 * handles give it at every use. Does nothing when no runtime runs. `init` may be called again.
 *
 * @example
 * await shutdown();
 *
 * @throws InvalidCallError in a task or actor
 */
export async function shutdown(): Promise<void> {
  if (workerClient()) {
    throw new InvalidCallError('shutdown() ends the whole runtime: call it in the driver only');
  }
  await end();
}

function contextOf(nodeId: string, numCpus: number): Context {
  return { nodeId, numCpus, [Symbol.asyncDispose]: shutdown };
}
