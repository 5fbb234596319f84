import { register } from 'node:module';
import { pathToFileURL } from 'node:url';
import type { ModuleTexts } from './types';

/** Loader hooks that Node runs on a thread of their own. */
export interface AsyncHooks {
  add(texts: readonly (readonly [string, ModuleTexts[string]])[], aliases: Aliases): void;
}
type Aliases = readonly (readonly [string, string])[];

/**
 * Plain JavaScript because it runs where nothing compiles. Texts lie in the port before the import
 * that needs them is asked for, so draining it first is enough.
 */
const source = `
import { receiveMessageOnPort } from 'node:worker_threads';
const texts = new Map(), aliases = new Map();
let port;
export function initialize(data) { port = data; }
function drain() {
  for (let got; (got = receiveMessageOnPort(port)); ) {
    for (const [url, text] of got.message.texts) texts.set(url, text);
    for (const [alias, url] of got.message.aliases) aliases.set(alias, url);
  }
}
const formatOf = (url) => (texts.get(url).format === 'esm' ? 'module' : 'commonjs');
export async function resolve(specifier, context, next) {
  try {
    return await next(specifier, context);
  } catch (error) {
    drain();
    const base = context.parentURL;
    const isFile = /^(\\.{0,2}\\/|\\.{1,2}$|file:)/.test(specifier);
    const url = isFile
      ? aliases.get(new URL(specifier, base).href.replace(/\\/$/, ''))
      : aliases.get(base + ' ' + specifier);
    if (!url) throw error;
    return texts.has(url) ? { url, format: formatOf(url), shortCircuit: true } : next(url, context);
  }
}
export async function load(url, context, next) {
  drain();
  if (!texts.has(url)) return next(url, context);
  const format = formatOf(url);
  return { format, source: format === 'module' ? texts.get(url).source : null, shortCircuit: true };
}
`;

/** For Node 20, whose `import` can be fed texts in no other way. */
export function startAsyncHooks(): AsyncHooks {
  const { port1, port2 } = new MessageChannel();
  register(`data:text/javascript,${encodeURIComponent(source)}`, {
    parentURL: pathToFileURL(__filename),
    data: port2,
    transferList: [port2],
  });
  port1.unref();
  return { add: (texts, aliases) => port1.postMessage({ texts, aliases }) };
}
