import {
  amountType,
  isAmount,
  isCount,
  isLimit,
  isName,
  isRecordOf,
  isResources,
  isTimes,
  resourcesType,
} from '../constraints';
import type { Option } from '../option';
import { suggest } from '../suggest';

/** Variables that native code reads once for the whole process, and that threads therefore cannot have. */
const processWide = ['TZ', 'UV_THREADPOOL_SIZE', 'NODE_OPTIONS'];

const isEnvironment = isRecordOf((value) => typeof value === 'string');

const isRuntimeEnv = isRecordOf((value, key) => key !== 'envVars' || isEnvironment(value));

function refusedEnvironment(given: { readonly envVars?: object }): string | undefined {
  const other = Object.keys(given).find((key) => key !== 'envVars');
  if (other !== undefined) return `${other}: ${refusedKey(other)}`;
  const name = processWide.find((candidate) => candidate in (given.envVars ?? {}));
  return (
    name &&
    `${name} is read once for the whole process, so a thread cannot have its own: set it before node starts`
  );
}

function refusedKey(key: string): string {
  if (suggest(key, ['envVars']) !== undefined) return 'there is no such key. Did you mean envVars?';
  if (/^(cwd|working_?dir)$/i.test(key)) {
    return (
      'all threads of a process share one working directory, so a thread cannot have its own: ' +
      'give the function the folder and resolve paths against it'
    );
  }
  return (
    'threads share the packages and files of their process, and can have nothing of their own but ' +
    'envVars: install what is needed beside the script'
  );
}

/** Options that several of functions, classes and methods have. */
export const remoteTable: readonly Option[] = [
  {
    name: 'numCpus',
    places: ['function', 'class'],
    type: amountType,
    accepts: isAmount,
    default:
      '1 for a task; an actor takes 1 to be placed and none while alive, or none at all on a shared thread',
    doc: 'CPUs that each call of the function, or each instance of the class, takes.',
  },
  {
    name: 'numGpus',
    places: ['function', 'class'],
    type: amountType,
    accepts: isAmount,
    default: '0',
    doc: 'GPUs that each call, or each instance, takes; fractions share one.',
  },
  {
    name: 'memory',
    places: ['function', 'class'],
    type: 'bytes, a number at least 0',
    accepts: isAmount,
    default: '0',
    doc: 'Bytes that each call, or each instance, takes of the memory of init(); of an actor also its heap limit, 16 MB at least.',
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
    name: 'runtimeEnv',
    places: ['function', 'class'],
    type: 'an object { envVars } of strings by name',
    accepts: isRuntimeEnv,
    refuses: refusedEnvironment,
    default: '{}',
    doc: 'Environment variables of the threads that the calls or instances run on.',
  },
  {
    name: 'numReturns',
    places: ['function', 'method'],
    type: 'an integer at least 0',
    accepts: isCount,
    default: '1',
    doc: 'How many refs a call answers with: its result must be a list, or a generator, of so many.',
  },
  {
    name: 'backpressure',
    places: ['function', 'method'],
    type: 'a positive integer, or -1 for no limit',
    accepts: isLimit,
    default: '-1',
    doc: 'How many items a generator may be ahead of whoever takes them from its stream; then it pauses.',
  },
  {
    name: 'signal',
    places: ['function', 'method'],
    type: 'an AbortSignal',
    accepts: (value) => value instanceof AbortSignal,
    doc: 'Cancels the calls made with it when it is aborted.',
  },
  {
    name: 'name',
    places: ['function', 'method'],
    type: 'a non-empty string',
    accepts: isName,
    default: "the function's or method's own name",
    doc: 'The name shown in errors, logs and listings.',
  },
  {
    name: 'maxTaskRetries',
    places: ['class', 'method'],
    type: 'an integer at least 0, or -1 for no limit',
    accepts: isTimes,
    default: '0',
    doc: 'How often a call is made again after its actor died under it and was restarted.',
  },
];
