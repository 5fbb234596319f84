type Owner = Record<PropertyKey, unknown>;

/** Globals behind a getter of Node's that has always run by the time user code does. */
const readyAccessors = ['process', 'Buffer'];

/**
 * The name under which every thread has this built-in value: `Math.floor`, `process.env`,
 * `Int8Array.prototype.map`; undefined when it has none. The caller knows the value to be built in
 * or an object. Nothing is indexed: a full walk costs tens of milliseconds and wakes what Node loads
 * lazily, whereas a built-in carries its name, so a few places per global are enough to look at.
 */
export function globalName(value: unknown): string | undefined {
  if (typeof value === 'function') return functionName(value);
  if (typeof value === 'symbol') return symbolName(value);
  return typeof value === 'object' && value !== null ? objectName(value) : undefined;
}

function functionName(fn: object): string | undefined {
  if (fn === Function.prototype) return 'Function.prototype';
  const name = dataProperty(fn, 'name');
  if (typeof name !== 'string' || name === '') return undefined;
  const globals = globalThis as unknown as Owner;
  if (name in globalThis && globals[name] === fn) return name;
  for (const [rootName, root] of roots()) {
    const found = memberName(root, rootName, name, fn);
    if (found) return found;
  }
  return undefined;
}

function memberName(root: object, rootName: string, name: string, fn: object): string | undefined {
  if (inherited(root, name) === fn) return `${rootName}.${name}`;
  const prototype = dataProperty(root, 'prototype');
  const held = typeof prototype === 'object' && prototype !== null;
  return held && inherited(prototype, name) === fn ? `${rootName}.prototype.${name}` : undefined;
}

function objectName(value: object): string | undefined {
  if (value === process.env) return 'process.env';
  if (value === globalThis) return 'globalThis';
  const descriptor = dataProperty(value, 'fd');
  if (descriptor === 1 && value === process.stdout) return 'process.stdout';
  if (descriptor === 2 && value === process.stderr) return 'process.stderr';

  const owner = dataProperty(value, 'constructor');
  if (typeof owner === 'function' && dataProperty(owner, 'prototype') === value) {
    const name = isNative(owner) ? functionName(owner) : undefined;
    return name && `${name}.prototype`;
  }
  const tag = inherited(value, Symbol.toStringTag);
  if (typeof tag !== 'string' || tag === '') return undefined;
  const names = [tag, tag.charAt(0).toLowerCase() + tag.slice(1)];
  const globals = globalThis as unknown as Owner;
  return names.find((name) => name in globalThis && globals[name] === value);
}

function symbolName(symbol: symbol): string | undefined {
  const name = /^Symbol\.(\w+)$/.exec(symbol.description ?? '')?.[1];
  return name && dataProperty(Symbol, name) === symbol ? `Symbol.${name}` : undefined;
}

/** Whether a function has no source because the engine or Node's C++ brings it. */
export function isNative(fn: object): boolean {
  return /\{\s*\[native code\]\s*\}\s*$/.test(Function.prototype.toString.call(fn));
}

function* roots(): Generator<[string, object]> {
  for (const name of readyAccessors) {
    yield [name, (globalThis as unknown as Owner)[name] as object];
  }
  for (const name of Object.getOwnPropertyNames(globalThis)) {
    const value = dataProperty(globalThis, name);
    if (value === globalThis) continue;
    if (typeof value === 'function' || (typeof value === 'object' && value !== null)) {
      yield [name, value];
    }
  }
}

/** The value of an own data property: no getter runs. */
export function dataProperty(owner: object, key: PropertyKey): unknown {
  return Object.getOwnPropertyDescriptor(owner, key)?.value;
}

function inherited(owner: object, key: PropertyKey): unknown {
  for (let at: object | null = owner; at; at = Object.getPrototypeOf(at) as object | null) {
    const descriptor = Object.getOwnPropertyDescriptor(at, key);
    if (descriptor) return descriptor.value;
  }
  return undefined;
}

/** Walks a dotted name; the way back from `globalName`. */
export function valueAt(root: unknown, dotted: string): unknown {
  let value = root;
  for (const key of dotted.split('.')) value = (value as Owner | undefined)?.[key];
  return value;
}
