import {
  isBoolean,
  isCount,
  isDuration,
  isFunction,
  isPositiveInteger,
  isRecordOf,
} from '../constraints';
import type { Option } from '../option';

/** Options of ActorPool, Queue and Pool. */
export const utilityTable: readonly Option[] = [
  {
    name: 'timeout',
    places: ['getNext', 'queueWait'],
    type: 'milliseconds, at least 0',
    accepts: isDuration,
    default: 'no limit',
    doc: 'How long to wait for a result, a value or room, in milliseconds; 0 looks without waiting.',
  },
  {
    name: 'ignoreIfTimedOut',
    places: ['getNext'],
    type: 'a boolean',
    accepts: isBoolean,
    default: 'false',
    doc: 'Answers with undefined after the timeout instead of a GetTimeoutError.',
  },
  {
    name: 'signal',
    places: ['queueWait'],
    type: 'an AbortSignal',
    accepts: (value) => value instanceof AbortSignal,
    doc: 'Ends the waiting when aborted, with its reason, unless the value has passed already.',
  },
  {
    name: 'maxSize',
    places: ['queue'],
    type: 'an integer, at least 0',
    accepts: isCount,
    default: '0',
    doc: 'How many values the queue holds at most; 0 for no limit.',
  },
  {
    name: 'actorOptions',
    places: ['queue', 'pool'],
    type: 'an object of actor options',
    accepts: isRecordOf(() => true),
    refuses: (options: object) =>
      'maxConcurrency' in options
        ? 'maxConcurrency cannot be chosen here: a waiting call must never hold up the one it waits for'
        : undefined,
    default: '{ numCpus: 0 }',
    doc: 'Options of the actors behind it.',
  },
  {
    name: 'force',
    places: ['queueShutdown'],
    type: 'a boolean',
    accepts: isBoolean,
    default: 'false',
    doc: 'Ends the queue at once, with the values it holds.',
  },
  {
    name: 'graceMs',
    places: ['queueShutdown'],
    type: 'milliseconds, at least 0',
    accepts: isDuration,
    default: '5000',
    doc: 'How long the values it holds can still be taken.',
  },
  {
    name: 'initializer',
    places: ['pool'],
    type: 'a function',
    accepts: isFunction,
    doc: 'Runs in each worker of the pool before anything else does.',
  },
  {
    name: 'maxTasksPerChild',
    places: ['pool'],
    type: 'a positive integer',
    accepts: isPositiveInteger,
    default: 'no limit',
    doc: 'After how many chunks a worker is replaced by a new one.',
  },
  {
    name: 'chunkSize',
    places: ['poolMap'],
    type: 'a positive integer',
    accepts: isPositiveInteger,
    default: 'a quarter of an even share for map and starmap, 1 for imap',
    doc: 'How many items go to a worker at once.',
  },
];
