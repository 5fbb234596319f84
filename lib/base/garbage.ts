import { setFlagsFromString } from 'node:v8';
import { createContext, runInContext, Script } from 'node:vm';

/**
 * One for the whole thread, for ever. V8 stops to call registries, all of them, once one was itself
 * collected between the death of a target and the call that was to follow (tried: Node 20.20), as those of
 * a runtime that is shut down would be.
 */
const registry = new FinalizationRegistry<Heir>((heir) => {
  if (typeof heir === 'function') heir();
  else heir.collected();
});

/** Who is told that something was collected. An object takes half the memory of a closure. */
export type Heir = (() => void) | { collected(): void };

/** Tells the heir some time after the thing was collected; the heir must not lead to it. */
export function whenCollected(thing: object, heir: Heir): void {
  registry.register(thing, heir);
}

/** A context in which nothing runs but this. */
interface Aside {
  readonly collect: () => void;
  /** Ends the engine's turn: what it keeps until then is let go of. */
  readonly endTurn: () => void;
}

let aside: Aside | undefined;

/**
 * Collects all garbage of this thread, now: milliseconds for a small heap, a second for a huge one.
 * It takes two rounds: what was read from a message is kept by V8's reader, which the first one takes.
 *
 * @param between called between the rounds; what it lets go of goes in the second
 *
 * What was looked up through a `WeakRef` V8 keeps until the turn ends, which on a blocked thread it does
 * not. A look at microtasks counts as its end, those of another context, too.
 */
export function collectGarbage(between?: () => void): void {
  aside ??= makeAside();
  for (const then of [between, undefined]) {
    aside?.endTurn();
    aside?.collect();
    then?.();
  }
}

/**
 * Node shows its collector to new contexts while the flag is set, so user code is never shown it. The
 * flag is one for all threads: where another one has just taken it away there is none, this time.
 */
function makeAside(): Aside | undefined {
  const { gc } = globalThis as { gc?: () => void };
  if (gc === undefined) setFlagsFromString('--expose-gc');
  try {
    const context = createContext({}, { microtaskMode: 'afterEvaluate' });
    const nothing = new Script('');
    const collect = runInContext("typeof gc === 'function' ? gc : undefined", context) as typeof gc;
    return collect && { collect, endTurn: () => void nothing.runInContext(context) };
  } finally {
    if (gc === undefined) setFlagsFromString('--no-expose-gc');
  }
}
