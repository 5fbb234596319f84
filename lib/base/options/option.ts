/** Where options may stand, and what people call it. */
export const placeNames = {
  init: 'init()',
  function: 'remote functions',
  class: 'remote classes',
  method: 'methods of actors',
  get: 'get()',
  getSync: 'getSync()',
  wait: 'wait()',
  cancel: 'cancel()',
  kill: 'kill()',
  listNamedActors: 'listNamedActors()',
  getNext: 'getNext() of an ActorPool',
  queue: 'new Queue()',
  queueWait: 'put() and get() of a Queue',
  queueShutdown: 'shutdown() of a Queue',
  pool: 'new Pool()',
  poolMap: 'map() of a Pool',
} as const;

export type OptionPlace = keyof typeof placeNames;

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
