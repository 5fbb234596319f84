/** Where an option may stand. */
export type OptionPlace = 'init' | 'function' | 'class' | 'method' | 'get' | 'getSync' | 'wait';

/** One option: the table is what validates, what fills defaults, and what the docs list. */
export interface Option {
  readonly name: string;
  readonly places: readonly OptionPlace[];
  /** What it must be, for the error: `a positive integer`. */
  readonly type: string;
  readonly accepts: (value: unknown) => boolean;
  /** For the docs; undefined where leaving it out means something no value does. */
  readonly default?: string;
  readonly doc: string;
}

const isNumber = (value: unknown): value is number =>
  typeof value === 'number' && !Number.isNaN(value);
const isPositiveInteger = (value: unknown): boolean =>
  Number.isSafeInteger(value) && Number(value) > 0;
const isDuration = (value: unknown): boolean => isNumber(value) && value >= 0;
const isBoolean = (value: unknown): boolean => typeof value === 'boolean';
const isName = (value: unknown): boolean => typeof value === 'string' && value.length > 0;

/** Amounts are kept in ten-thousandths, so finer ones could never be given back exactly. */
const isAmount = (value: unknown): boolean =>
  isNumber(value) &&
  Number.isFinite(value) &&
  value >= 0 &&
  Math.abs(value * 1e4 - Math.round(value * 1e4)) < 1e-6;

const isResources = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  Object.entries(value).every(
    ([name, amount]) => name !== 'CPU' && name !== '' && isAmount(amount),
  );

const resourcesType =
  'an object of amounts by name, each at least 0 and no finer than 0.0001, without CPU (use numCpus)';

/** Every option of rayx's public functions. */
export const optionTable: readonly Option[] = [
  {
    name: 'numCpus',
    places: ['init'],
    type: 'a positive integer',
    accepts: isPositiveInteger,
    default: 'os.availableParallelism()',
    doc: 'CPUs that tasks share: as many tasks run at once as their numCpus fit into this.',
  },
  {
    name: 'numCpus',
    places: ['function', 'class'],
    type: 'a number at least 0, no finer than 0.0001',
    accepts: isAmount,
    default: '1 for a task; an actor takes 1 to be placed and none while alive',
    doc: 'CPUs that each call of the function, or each instance of the class, takes.',
  },
  {
    name: 'resources',
    places: ['init'],
    type: resourcesType,
    accepts: isResources,
    default: '{}',
    doc: 'Custom resources this machine has, by name.',
  },
  {
    name: 'resources',
    places: ['function', 'class'],
    type: resourcesType,
    accepts: isResources,
    default: '{}',
    doc: 'Custom resources that each call, or each instance, takes.',
  },
  {
    name: 'maxRetries',
    places: ['function'],
    type: 'an integer at least 0, or -1 for no limit',
    accepts: (value) => Number.isSafeInteger(value) && Number(value) >= -1,
    default: '3',
    doc: 'How often a task is run again when its worker died. Errors it throws are not retried.',
  },
  {
    name: 'name',
    places: ['function', 'class', 'method'],
    type: 'a non-empty string',
    accepts: isName,
    default: "the function's, class's or method's own name",
    doc: 'The name shown in errors, logs and listings.',
  },
  {
    name: 'logToDriver',
    places: ['init'],
    type: 'a boolean',
    accepts: isBoolean,
    default: 'true',
    doc: 'Whether what tasks and actors print appears on the output of the driver.',
  },
  {
    name: 'ignoreReinitError',
    places: ['init'],
    type: 'a boolean',
    accepts: isBoolean,
    default: 'false',
    doc: 'Lets a second init() pass and keep the runtime that runs, instead of throwing.',
  },
  {
    name: 'maxThreads',
    places: ['init'],
    type: 'a positive integer',
    accepts: isPositiveInteger,
    default: 'max(4 × numCpus, 16)',
    doc: 'Worker threads for tasks, beyond which suspended tasks share a thread.',
  },
  {
    name: 'idleTimeout',
    places: ['init'],
    type: 'milliseconds, at least 0',
    accepts: isDuration,
    default: '10000',
    doc: 'After this many milliseconds without work a thread above numCpus ends.',
  },
  {
    name: 'workerHeapMb',
    places: ['init'],
    type: 'a positive integer',
    accepts: isPositiveInteger,
    default: "Node's own limit",
    doc: 'Heap limit of each worker thread in megabytes; buffers and shared memory do not count.',
  },
  {
    name: 'onUnhandledError',
    places: ['init'],
    type: 'a function',
    accepts: (value) => typeof value === 'function',
    default: 'a report on stderr',
    doc: 'Called with the error of each failed ref that nobody ever looked at.',
  },
  {
    name: 'timeout',
    places: ['get', 'getSync', 'wait'],
    type: 'milliseconds, at least 0',
    accepts: isDuration,
    default: 'no limit',
    doc: 'How long to wait, in milliseconds. The tasks themselves go on.',
  },
  {
    name: 'signal',
    places: ['get'],
    type: 'an AbortSignal',
    accepts: (value) => value instanceof AbortSignal,
    doc: 'Ends the waiting when aborted: get() rejects with its reason. The tasks go on.',
  },
  {
    name: 'numReturns',
    places: ['wait'],
    type: 'a positive integer',
    accepts: isPositiveInteger,
    default: '1',
    doc: 'How many refs must be ready.',
  },
];
