import { currentClient } from '../client/current';
import type { Refusal } from '../data/trial';
import type * as Scratch from '../entry/scratch';

/** What `inspectSerializable` has found. */
export interface SerializableReport {
  /** The value can travel, whole. */
  readonly ok: boolean;
  /** All that cannot; parts of an error only arrive as a text that says so. */
  readonly problems: readonly SerializableProblem[];
}

/** Something that cannot travel. */
export interface SerializableProblem {
  /** `value.config.socket`, or `work → db → socket` through what a function uses. */
  readonly path: string;
  /** Why, and the way out: `a Socket cannot be sent; open it inside the function, or …`. */
  readonly reason: string;
}

/**
 * Says whether a value, function or class can travel to another thread, and all that stands in the
 * way, each with its path. Nothing is sent, and no runtime is started.
 *
 * @example
 * const { ok, problems } = inspectSerializable(work);
 * // problems: [{ path: 'work → db → socket', reason: 'a Socket cannot be sent; open it …' }]
 */
export function inspectSerializable(value: unknown): SerializableReport {
  const problems = currentClient()?.refusalsOf(value) ?? withoutRuntime(value);
  return { ok: problems.length === 0, problems };
}

/** Required here: it brings along all that a runtime would. */
function withoutRuntime(value: unknown): readonly Refusal[] {
  return (require('../entry/scratch') as typeof Scratch).refusalsOf(value);
}
