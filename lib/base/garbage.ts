import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

let collect: (() => void) | undefined;

/**
 * Collects all garbage of this thread, now: milliseconds for a small heap, a second for a huge one.
 * It takes two rounds: what was read from a message is kept by V8's reader, which the first one takes.
 */
export function collectGarbage(): void {
  collect ??= (globalThis as { gc?: () => void }).gc ?? borrowed();
  collect?.();
  collect?.();
}

/**
 * Node shows its collector to new contexts while the flag is set, so user code is never shown it. The
 * flag is one for all threads: where another one has just taken it away there is none, this time.
 */
function borrowed(): (() => void) | undefined {
  setFlagsFromString('--expose-gc');
  try {
    return runInNewContext("typeof gc === 'function' ? gc : undefined") as (() => void) | undefined;
  } finally {
    setFlagsFromString('--no-expose-gc');
  }
}
