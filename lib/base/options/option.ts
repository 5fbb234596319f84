/** Where an option may stand. */
export type OptionPlace =
  | 'init'
  | 'function'
  | 'class'
  | 'method'
  | 'get'
  | 'getSync'
  | 'wait'
  | 'cancel'
  | 'kill'
  | 'listNamedActors'
  | 'getNext'
  | 'queue'
  | 'queueWait'
  | 'queueShutdown'
  | 'pool'
  | 'poolMap';

/** One option: the table is what validates, and what the docs list. */
export interface Option {
  readonly name: string;
  readonly places: readonly OptionPlace[];
  /** What it must be, for the error: `a positive integer`. */
  readonly type: string;
  readonly accepts: (value: unknown) => boolean;
  /** Why a value that is accepted otherwise cannot be had, or undefined. */
  readonly refuses?: (value: never) => string | undefined;
  /** Not in `.options()`: it concerns all calls, or all instances, together. */
  readonly atDeclaration?: true;
  /** For the docs; undefined where leaving it out means something no value does. */
  readonly default?: string;
  readonly doc: string;
}
