import { isBuiltin } from 'node:module';
import { types } from 'node:util';
import { isOwnFile } from '../../base/own-folder';
import { dataProperty } from './globals';
import { urlOf } from './files';
import type { ModuleReference } from './types';

/** Built-in modules that others show behind getters only, such as `fs.promises`. */
const hiddenModules = ['fs/promises', 'dns/promises', 'timers/promises', 'stream/promises'];

/**
 * By identity, the exports of every built-in and CommonJS module loaded so far. It grows with
 * `require.cache`, and built-ins come first, so that a package that hands on a built-in is not asked.
 */
export class ExportsIndex {
  private readonly objects = new WeakMap<object, ModuleReference>();
  private readonly symbols = new Map<symbol, ModuleReference>();
  private readonly seenModules = new WeakSet<NodeJS.Module>();
  private readonly seenBuiltins = new Set<string>();
  private seenLoads = 0;
  private seenPaths = 0;
  private lastPath: string | undefined;
  private loading: readonly string[] = [];

  /** `entry` is the URL of the script whose exports are nobody's import. */
  constructor(private readonly entry: string | undefined) {}

  find(value: object | symbol): ModuleReference | undefined {
    const found = this.lookUp(value);
    if (found) return found;
    this.refresh();
    return this.lookUp(value);
  }

  private lookUp(value: object | symbol): ModuleReference | undefined {
    return typeof value === 'symbol' ? this.symbols.get(value) : this.objects.get(value);
  }

  private refresh(): void {
    // Node's own list of what was loaded; a built-in that was not cannot be in a user's hands.
    const loads = (process as unknown as { moduleLoadList: readonly string[] }).moduleLoadList;
    for (; this.seenLoads < loads.length; this.seenLoads += 1) {
      const id = /^NativeModule (.+)$/.exec(loads[this.seenLoads] ?? '')?.[1];
      if (id !== undefined) this.addBuiltin(id);
    }
    const paths = Object.keys(require.cache);
    const last = paths.at(-1);
    // Looking at every module would cost each value that is no export a tenth of a millisecond.
    if (paths.length !== this.seenPaths || last !== this.lastPath || this.hasLoaded()) {
      this.seenPaths = paths.length;
      this.lastPath = last;
      // What the user's own files hand on of packages belongs to those.
      const packages = paths.filter(isInPackage);
      const own = paths.filter((path) => !isInPackage(path));
      this.loading = [...packages, ...own].filter((path) => !this.addModule(path));
    }
  }

  private hasLoaded(): boolean {
    return this.loading.some((path) => require.cache[path]?.loaded);
  }

  private addBuiltin(id: string): void {
    const ids = [id, ...hiddenModules.filter((hidden) => hidden.startsWith(`${id}/`))];
    for (const each of ids) {
      if (this.seenBuiltins.has(each) || each.startsWith('_')) continue;
      const url = `node:${each}`;
      if (!isBuiltin(url)) continue;
      this.seenBuiltins.add(each);
      const exports: unknown = process.getBuiltinModule(url);
      this.add(exports, { url, export: null, format: 'builtin' });
      this.addMembers(exports, url, 'builtin');
    }
  }

  /** Answers whether the module is done with, not still being loaded. */
  private addModule(path: string): boolean {
    const module = require.cache[path];
    if (!module || this.seenModules.has(module) || isOwnFile(path)) return true;
    const url = urlOf(path);
    if (url === this.entry) return true;
    if (!module.loaded) return false;
    this.seenModules.add(module);
    const format = types.isModuleNamespaceObject(module.exports) ? 'esm' : 'cjs';
    this.add(module.exports, { url, export: null, format });
    this.addMembers(module.exports, url, format);
    return true;
  }

  private addMembers(exports: unknown, url: string, format: ModuleReference['format']): void {
    if (!isHolder(exports)) return;
    // A compiled module's getters are its live bindings; those of any other may do anything.
    const compiled = dataProperty(exports, '__esModule') === true;
    for (const name of Object.getOwnPropertyNames(exports)) {
      if (name === 'prototype' || name.includes('.')) continue;
      const descriptor = Object.getOwnPropertyDescriptor(exports, name);
      const value: unknown = descriptor?.get && compiled ? read(exports, name) : descriptor?.value;
      this.add(value, { url, export: name, format });
    }
  }

  /** The first to export a value keeps it: a package's index is loaded before what it gathers. */
  private add(value: unknown, reference: ModuleReference): void {
    if (typeof value === 'symbol') {
      if (!this.symbols.has(value)) this.symbols.set(value, reference);
    } else if (isHolder(value) && !this.objects.has(value)) {
      this.objects.set(value, reference);
    }
  }
}

const isInPackage = (path: string) => /[\\/]node_modules[\\/]/.test(path);

function isHolder(value: unknown): value is object {
  return typeof value === 'function' || (typeof value === 'object' && value !== null);
}

function read(owner: object, name: string): unknown {
  try {
    return (owner as Record<string, unknown>)[name];
  } catch {
    return undefined;
  }
}
