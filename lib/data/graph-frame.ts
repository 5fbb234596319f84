import { SerializationError } from '../base/errors';
import type { Container, Key } from './graph';
import { type Trail, printTrail, propertyStep } from './trail';

/** A container on its way: the parts of `source` go to `target` under the same keys, in order. */
export interface Frame {
  readonly source: Container;
  readonly target: Container;
  /** Undefined: the indices of an array, holes left out. */
  readonly keys?: readonly Key[] | undefined;
  readonly count: number;
  next: number;
  /** Levels of recursion that V8 needs down to here. */
  readonly depth: number;
  readonly trail: Trail;
  /** How a part is written after the path; nothing when it stands for the container itself. */
  readonly stepTo: (key: Key) => string | number | undefined;
  /** Runs when all parts are complete. */
  readonly finish?: (() => void) | undefined;
  /** Takes everything back that was written since; the reason then takes the place of the part. */
  readonly retreat?: ((reason: string) => void) | undefined;
}

export const stepToPart = (key: Key): string | number =>
  typeof key === 'number' ? key : propertyStep(key);

export const stepToItem = (key: Key): string => `.values()[${key}]`;

/** Steps into a list of keys and values in turn. */
export function stepToEntry(entries: readonly unknown[]): (at: Key) => string {
  return (at) => {
    const index = Number(at);
    if (index % 2 === 0) return `.keys()[${index / 2}]`;
    const key = entries[index - 1];
    return typeof key === 'string' || typeof key === 'number'
      ? `.get(${JSON.stringify(key)})`
      : `.values()[${(index - 1) / 2}]`;
  };
}

/** The path of a part. */
export function trailTo(frame: Frame, key: Key): Trail {
  const step = frame.stepTo(key);
  return step === undefined ? frame.trail : { parent: frame.trail, step };
}

/** Reads a part, once: it may be a getter. */
export function readPart(frame: Frame, key: Key): unknown {
  try {
    return (frame.source as Record<Key, unknown>)[key];
  } catch (cause) {
    throw refuse(trailTo(frame, key), 'its getter threw', cause);
  }
}

/** The refusal of the value at `trail`. A cause of the same sort has the better path: it stays. */
export function refuse(trail: Trail, reason: string, cause?: unknown): SerializationError {
  if (cause instanceof SerializationError) return cause;
  return new SerializationError(printTrail(trail), reason, cause === undefined ? {} : { cause });
}
