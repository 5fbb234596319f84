import { InvalidCallError } from '../base/errors';
import { resolveInitOptions, type InitOptions, type RuntimeOptions } from '../base/options/init';
import type { Client } from '../client/contract';
import { currentClient, setAutoStart, setCurrentClient } from '../client/current';
import type { Runtime } from '../client/runtime';
import { SubmitSite } from '../client/sites';
import type * as Driver from '../entry/driver';
import type * as Inline from '../entry/inline';
import { callContext } from '../protocol/context';

interface Running extends Runtime {
  readonly options: RuntimeOptions;
  readonly startedAt: SubmitSite;
  /** By `init()`, not by the first use. */
  readonly explicit: boolean;
}

let running: Running | undefined;
let ending: Promise<void> = Promise.resolve();

setAutoStart(() => start(undefined, false).client);

/** Starts the runtime of this process; on return it takes calls. */
export function start(options: InitOptions | undefined, explicit: boolean): Running {
  const resolved = resolveInitOptions(options);
  const runtime = startRuntime(resolved);
  // Whoever awaits it hears of a failed start; for all others it shows at their refs.
  runtime.ready.catch(() => {});
  running = {
    client: runtime.client,
    ready: runtime.ready,
    shutdown: () => runtime.shutdown(),
    options: resolved,
    explicit,
    startedAt: new SubmitSite(start),
  };
  setCurrentClient(runtime.client);
  return running;
}

/** Its file is loaded here: a worker that imports rayx has no use for it. */
function startRuntime(options: RuntimeOptions): Runtime {
  if (options.mode === 'threads') {
    return (require('../entry/driver') as typeof Driver).startRuntime(options);
  }
  return (require('../entry/inline') as typeof Inline).startInlineRuntime(options);
}

/** The runtime of this process, or undefined where none runs. */
export function runningRuntime(): Running | undefined {
  return running;
}

export function alreadyRunning({ explicit, startedAt }: Running): InvalidCallError {
  const where = startedAt.place ?? 'an unknown place';
  return new InvalidCallError(
    explicit
      ? `init() was called already, at ${where}; call shutdown() first, or pass ignoreReinitError`
      : `init() comes too late: the runtime was started by its first use at ${where}; ` +
          'call init() before that, call shutdown() first, or pass ignoreReinitError',
  );
}

/** Ends the runtime. Once this has been called, nothing of it can be used. */
export function end(): Promise<void> {
  const runtime = running;
  if (!runtime) return ending;
  running = undefined;
  setCurrentClient(undefined);
  ending = runtime.shutdown();
  return ending;
}

/** The client in a task or actor. */
export function workerClient(): Client | undefined {
  const client = currentClient();
  const inTask = client?.role === 'worker' || callContext.getStore()?.ended === false;
  return inTask ? client : undefined;
}
