import { inspect } from 'node:util';
import { ExitSignal } from '../protocol/exit-signal';
import { currentCall, type UserCall } from './call';
import { sourceOf, type Output } from './output';

export interface GuardOptions {
  readonly output: Output;
  /** An exception that nobody caught: the thread is no longer to be trusted. */
  readonly onPoisoned: (reason: string, culprit: UserCall | undefined, error: unknown) => void;
  /** An actor called `process.exit`: it is to die, and its thread with it. */
  readonly onActorExit: (reason: string, culprit: UserCall) => void;
  /** Whether it came from an instance that decides itself what becomes of it, as it has done then. */
  readonly isSupervised: (error: unknown, culprit: UserCall | undefined) => boolean;
}

/**
 * Keeps faults of user code where they belong: an exit, an uncaught exception or a rejection nobody
 * handles ends the call it came from, not its neighbours.
 */
export function installGuards(options: GuardOptions): void {
  process.exit = (code?: number | string | null): never => interceptExit(code, options);
  process.on('unhandledRejection', (error) => {
    if (error instanceof ExitSignal) return;
    const call = currentCall();
    if (call && !call.context.ended) return call.fail(error);
    options.output.note(lateSource(call), `rejected ${when(call)}: ${inspect(error)}`);
    options.isSupervised(error, call);
  });
  process.on('uncaughtException', (error) => {
    if (error instanceof ExitSignal) return;
    const call = currentCall();
    const runs = call && !call.context.ended;
    if (!runs) options.output.note(lateSource(call), `threw ${when(call)}: ${inspect(error)}`);
    const supervised = options.isSupervised(error, call);
    if (runs) call.fail(error);
    if (supervised) return;
    options.onPoisoned(`an uncaught ${oneLine(error)}`, call, error);
  });
}

/**
 * The same as far as it goes on a thread that is the script's as well: what does not come from a
 * running call is left to the script, and so is what becomes of the process when nobody catches an
 * error. The answer ends it.
 */
export function guardCalls(): () => void {
  // eslint-disable-next-line @typescript-eslint/unbound-method -- called with its process
  const { exit } = process;
  const guarded = (code?: number | string | null): never => {
    const call = currentCall();
    if (!call || call.context.ended) return exit.call(process, code);
    return endCall(call, exitCodeOf(code), (reason) => call.poison(reason));
  };
  const seen = (error: unknown): void => {
    const call = currentCall();
    if (!call || call.context.ended || error instanceof ExitSignal) return;
    call.fail(error);
    call.poison(`an uncaught ${oneLine(error)}`, error);
  };
  process.exit = guarded;
  process.on('uncaughtExceptionMonitor', seen);
  return () => {
    if (process.exit === guarded) process.exit = exit;
    process.off('uncaughtExceptionMonitor', seen);
  };
}

function interceptExit(code: number | string | null | undefined, options: GuardOptions): never {
  const exitCode = exitCodeOf(code);
  const call = currentCall();
  if (call && (call.context.actor !== undefined || !call.context.ended)) {
    return endCall(call, exitCode, options.onActorExit);
  }
  const text = `called process.exit(${exitCode}) ${when(call)}: nothing was ended`;
  options.output.note(lateSource(call), text);
  throw new ExitSignal(`process.exit(${exitCode})`);
}

function endCall(call: UserCall, code: number, onActorExit: GuardOptions['onActorExit']): never {
  if (call.context.actor === undefined) call.exit(code);
  else onActorExit(`${call.label} called process.exit(${code})`, call);
  throw new ExitSignal(`process.exit(${code})`);
}

const exitCodeOf = (code: number | string | null | undefined): number =>
  Number(code ?? process.exitCode ?? 0);

function when(call: UserCall | undefined): string {
  return call ? 'after the task ended' : 'outside any task';
}

/** These lines say themselves that the task has ended. */
function lateSource(call: UserCall | undefined): string {
  return call ? call.label : sourceOf(undefined);
}

function oneLine(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : inspect(error);
}
