import { types } from 'node:util';
import { isCount, isDuration, isFunction, isTimes } from '../constraints';
import type { Option } from '../option';

/** Something that `instanceof` takes. */
const isClass = (value: unknown): boolean =>
  isFunction(value) && typeof (value as { prototype?: unknown }).prototype === 'object';

const isRetryRule = (value: unknown): boolean =>
  typeof value === 'boolean' ||
  isFunction(value) ||
  (Array.isArray(value) && value.length > 0 && value.every(isClass));

function refusedRule(rule: unknown): string | undefined {
  if (!types.isAsyncFunction(rule)) return undefined;
  return 'an async function answers with a promise, which nobody waits for: make it a plain one';
}

/** Options of remote functions alone. */
export const taskTable: readonly Option[] = [
  {
    name: 'maxRetries',
    places: ['function'],
    type: 'an integer at least 0, or -1 for no limit',
    accepts: isTimes,
    default: '3',
    doc: 'How often a task is run again when its worker died, or for an error that retryExceptions names.',
  },
  {
    name: 'retryExceptions',
    places: ['function', 'method'],
    type: 'a boolean, a list of error classes, or a function of the error',
    accepts: isRetryRule,
    refuses: refusedRule,
    default: 'false',
    doc: 'Which errors the function throws are retried: all, those of some classes, or those a function says true to.',
  },
  {
    name: 'retryDelay',
    places: ['function', 'method'],
    type: 'milliseconds, at least 0 and finite',
    accepts: (value) => isDuration(value) && value !== Infinity,
    default: '0',
    doc: 'How long to wait before the first retry for an error; each further one waits twice as long, up to a minute.',
  },
  {
    name: 'maxCalls',
    places: ['function'],
    type: 'an integer at least 0',
    accepts: isCount,
    atDeclaration: true,
    default: '0, for no limit',
    doc: 'After so many calls of the function a thread is replaced by a fresh one.',
  },
  {
    name: 'timeout',
    places: ['function'],
    type: 'milliseconds, at least 0',
    accepts: isDuration,
    default: 'no limit',
    doc: 'How long each attempt may run, from its start: then its signal is aborted and its ref fails.',
  },
  {
    name: 'graceMs',
    places: ['function'],
    type: 'milliseconds, at least 0',
    accepts: isDuration,
    default: '1000',
    doc: 'How long a call that ran into its timeout may take to end before its thread is ended.',
  },
];
