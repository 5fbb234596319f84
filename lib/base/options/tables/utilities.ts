import {
  isBoolean,
  isCount,
  isDuration,
  isFunction,
  isPositiveInteger,
  isRecordOf,
} from '../constraints';
import type { Option } from '../option';

const refusing =
  (names: readonly string[], why: string) =>
  (options: object): string | undefined => {
    const name = names.find((one) => one in options);
    return name && `${name} cannot be chosen here: ${why}`;
  };

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
    places: ['queue'],
    type: 'an object of actor options',
    accepts: isRecordOf(() => true),
    refuses: refusing(['maxConcurrency'], 'a waiting call must never hold up the one it waits for'),
    default: '{ numCpus: 0 }',
    doc: 'Options of the actor behind it.',
  },
  {
    name: 'actorOptions',
    places: ['pool'],
    type: 'an object of actor options',
    accepts: isRecordOf(() => true),
    refuses: refusing(
      ['maxConcurrency', 'name', 'namespace', 'getIfExists', 'lifetime'],
      'the workers of a pool do one thing at a time, and come and go with it',
    ),
    default: '{ numCpus: 0 }',
    doc: 'Options of the workers, which are actors.',
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
