import type { BinaryPart } from './binary';

/*
 * The form of a value on the `graph` road. V8 carries a copy of its containers, with holes where
 * special values belong; steps, carried out in order, fill the holes. V8 keeps which container is
 * which, so a step names its container simply by holding it.
 */

export type Container = Record<string, unknown> | unknown[];
export type Key = string | number;

export enum StepType {
  /** Put a container that lies deeper than V8 may recurse into its place. */
  Put,
  /** Put a special value into its place. */
  Link,
  /** Fill a Map from a list of keys and values in turn. */
  FillMap,
  FillSet,
  /** Take the prototype away. */
  Bare,
  /** Let a kind make its value of the data, and put it into its place. */
  Make,
  /** The same, of data in a box. */
  MakeOfBox,
  /** Let a kind fill the value it has made. */
  Fill,
}

/** A list of one, so that what it holds has a place to be put or linked into. */
export type Box = [unknown];

/** A step with what it needs, in order. */
export type Step =
  | readonly [StepType.Put, Container, Key, Container | Map<unknown, unknown> | Set<unknown>]
  | readonly [StepType.Link, Container, Key, special: number]
  | readonly [StepType.FillMap, Map<unknown, unknown>, unknown[]]
  | readonly [StepType.FillSet, Set<unknown>, unknown[]]
  | readonly [StepType.Bare, object]
  | readonly [StepType.Make, Container, Key, special: number, data: unknown]
  | readonly [StepType.MakeOfBox, Container, Key, special: number, Box]
  | readonly [StepType.Fill, special: number, Box];

export interface Graph {
  readonly root: Box;
  /** All steps one after the other in one list: V8 takes its time for each list it reads. */
  readonly steps: readonly unknown[];
  /** The special values, as superjson writes them. */
  readonly specials: string | undefined;
  readonly binary: BinaryPart | undefined;
}

/** Writes a property by whatever name: assigning to `__proto__` would set the prototype. */
export function setKey(container: Container, key: Key, value: unknown): void {
  if (key === '__proto__') {
    Object.defineProperty(container, key, {
      value,
      configurable: true,
      enumerable: true,
      writable: true,
    });
  } else {
    (container as Record<Key, unknown>)[key] = value;
  }
}
