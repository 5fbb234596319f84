import { types } from 'node:util';
import { className } from './shape';

const MAKE_THERE = 'make it inside the function, or keep it in an actor';

/** Sentences for values that no thread can give to another, most telling first. */
const REFUSALS: readonly (readonly [test: (value: object) => boolean, advice: string])[] = [
  [types.isPromise, 'await it first, or pass the ref it came from'],
  [
    types.isGeneratorObject,
    'a running generator stays where it runs; send an array of its values, or make the remote ' +
      'function itself a generator: then it answers with a stream',
  ],
  [(value) => types.isWeakMap(value) || types.isWeakSet(value), MAKE_THERE],
  [(value) => value instanceof WeakRef, 'send what it refers to'],
  [types.isExternal, MAKE_THERE],
  [types.isModuleNamespaceObject, 'send the members that are needed, or import it there'],
  [isStreamLike, 'open it inside the function, or keep it in an actor'],
  [
    (value) => value instanceof AbortSignal || value instanceof AbortController,
    'each thread needs its own: make it there',
  ],
];

/** Classes of Node that hold something of this process or thread. */
const NATIVE =
  /^(Timeout|Immediate|MessagePort|MessageChannel|BroadcastChannel|Worker|ChildProcess|FileHandle|Server|ClientRequest|IncomingMessage|ServerResponse|Agent|Blob|File|FormData|Headers|Request|Response|EventTarget|Module|SecureContext|X509Certificate|CryptoKey|\w*KeyObject|DatabaseSync|WeakRef|FinalizationRegistry|Iterator|.* Iterator)$/;

function isStreamLike(value: object): boolean {
  return typeof (value as { pipe?: unknown }).pipe === 'function' && 'destroyed' in value;
}

const article = (name: string): string => (/^[AEIOU]/.test(name) ? 'an' : 'a');

/** Why a value cannot be sent, and the way out: `a Socket cannot be sent; open it inside …`. */
export function refusalOf(value: unknown): string {
  if (typeof value === 'symbol') {
    return `${String(value)} cannot be sent; only symbols made by Symbol.for() and the well-known ones exist in other threads`;
  }
  if (typeof value === 'function') {
    const name = value.name === '' ? 'a function' : `the function ${value.name}`;
    return `${name} cannot be sent here; send what it needs as data`;
  }
  if (typeof value !== 'object' || value === null) return `${String(value)} cannot be sent`;
  if (types.isProxy(value)) return 'a Proxy cannot be sent; send a plain copy of what it shows';
  const name = nameOf(value);
  const cannot = `${article(name)} ${name} cannot be sent`;
  for (const [test, advice] of REFUSALS) if (test(value)) return `${cannot}; ${advice}`;
  if (NATIVE.test(name)) return `${cannot}; ${MAKE_THERE}`;
  return (
    `an instance of ${name} cannot be sent; send its data as a plain object, ` +
    'or say how with registerClass()'
  );
}

function nameOf(value: object): string {
  const name = className(value);
  if (name !== 'Object' && name !== '') return name;
  const tag = Object.prototype.toString.call(value).slice(8, -1);
  return tag === 'Object' ? name : tag;
}
