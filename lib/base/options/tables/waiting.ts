import { isBoolean, isDuration, isPositiveInteger } from '../constraints';
import type { Option } from '../option';

/** Options of what is done with refs and handles. */
export const waitingTable: readonly Option[] = [
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
    name: 'copy',
    places: ['get', 'getSync'],
    type: 'a boolean',
    accepts: isBoolean,
    default: 'false',
    doc: 'Binary in the value is private memory that may be written, not a view of what all share.',
  },
  {
    name: 'numReturns',
    places: ['wait'],
    type: 'a positive integer',
    accepts: isPositiveInteger,
    default: '1',
    doc: 'How many refs must be ready.',
  },
  {
    name: 'fetchLocal',
    places: ['wait'],
    type: 'a boolean',
    accepts: isBoolean,
    default: 'true',
    doc: 'Whether ready values are brought to this machine; on one machine they are here anyway.',
  },
  {
    name: 'force',
    places: ['cancel'],
    type: 'a boolean',
    accepts: isBoolean,
    default: 'false',
    doc: 'Ends the thread of a task that runs; other tasks on it run again where they may.',
  },
  {
    name: 'recursive',
    places: ['cancel'],
    type: 'a boolean',
    accepts: isBoolean,
    default: 'true',
    doc: 'Cancels the calls that the task has made, too.',
  },
  {
    name: 'noRestart',
    places: ['kill'],
    type: 'a boolean',
    accepts: isBoolean,
    default: 'true',
    doc: 'Whether the actor is gone for ever; with false its maxRestarts decide.',
  },
  {
    name: 'allNamespaces',
    places: ['listNamedActors'],
    type: 'a boolean',
    accepts: isBoolean,
    default: 'false',
    doc: 'Lists the names of every namespace, each with its namespace.',
  },
];
