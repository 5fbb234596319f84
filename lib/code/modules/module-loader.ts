import { createRequire } from 'node:module';
import { CaptureError } from '../../base/errors';
import { pathOf, urlOf } from './files';
import { valueAt } from './globals';
import { unmarked } from '../stacks/marks';
import { TextHooks } from './text-hooks';
import type { ModuleLoader, ModuleReference, ModuleTexts } from './types';

export interface ModuleLoaderOptions {
  /** What rayx itself exports on this thread. */
  readonly self: () => object;
  /** This is the script's own thread: it has its compiler already, and none is started beside it. */
  readonly driver: boolean;
}

/** Loads on this thread what another thread had by import. */
export function createModuleLoader(options: ModuleLoaderOptions): ModuleLoader {
  return new Loader(options);
}

class Loader implements ModuleLoader {
  private readonly hooks: TextHooks;
  /** By URL: what `import` gave, or what it threw. */
  private readonly loaded = new Map<string, { readonly exports: unknown } | { failed: unknown }>();

  constructor(private readonly options: ModuleLoaderOptions) {
    this.hooks = new TextHooks(!options.driver);
  }

  addTexts(texts: ModuleTexts): void {
    this.hooks.add(texts);
  }

  isImported(url: string): boolean {
    const file = unmarked(url);
    return file === url || this.hooks.textOf(urlOf(file)) !== undefined;
  }

  needsAsync(reference: ModuleReference): boolean {
    if (reference.format === 'builtin' || this.loaded.has(reference.url)) return false;
    if (this.onlyByImport(reference)) return true;
    try {
      this.require(reference.url);
    } catch (error) {
      if (isAsyncModule(error)) return true;
      // Kept for `load`, which says for whom it was loaded.
      this.loaded.set(reference.url, { failed: error });
    }
    return false;
  }

  load(reference: ModuleReference): unknown {
    if (reference.format === 'builtin') return this.builtin(reference);
    const known = this.loaded.get(reference.url);
    if (known && 'failed' in known) throw loadError(reference, known.failed);
    if (known) return pick(reference, known.exports);
    try {
      return pick(reference, this.require(reference.url));
    } catch (error) {
      throw loadError(reference, error);
    }
  }

  async loadAsync(reference: ModuleReference): Promise<unknown> {
    if (this.needsAsync(reference)) {
      const { url } = reference;
      try {
        await this.hooks.readyToImport(url);
        this.loaded.set(url, { exports: await import(url) });
      } catch (error) {
        this.loaded.set(url, { failed: error });
      }
    }
    return this.load(reference);
  }

  private onlyByImport({ url, format }: ModuleReference): boolean {
    if (pathOf(url) === undefined || /[?#]/.test(url)) return true;
    return format === 'esm' && this.hooks.needsImport(url);
  }

  /** `require` loads ES modules too on every Node we support, unless they await at their top. */
  private require(url: string): unknown {
    const path = pathOf(url) ?? url;
    this.hooks.readyToRequire(url);
    const exports: unknown = createRequire(path)(path);
    this.loaded.set(url, { exports });
    return exports;
  }

  private builtin(reference: ModuleReference): unknown {
    if (reference.url === 'global:') return valueAt(globalThis, reference.export ?? '');
    const exports: unknown =
      reference.url === 'rayx:' ? this.options.self() : process.getBuiltinModule(reference.url);
    if (exports === undefined) {
      throw loadError(reference, new Error('this Node has no such built-in module'));
    }
    return pick(reference, exports);
  }
}

function pick(reference: ModuleReference, exports: unknown): unknown {
  const name = reference.export;
  if (name === null) return exports;
  if (name === '*') return namespaceOf(exports);
  if ((typeof exports === 'object' && exports !== null) || typeof exports === 'function') {
    if (name in exports) return (exports as Record<string, unknown>)[name];
  }
  throw new CaptureError(
    labelOf(reference),
    `has no export ${name} when it is loaded in a worker; ` +
      'was it added later? Bind the value to a const of your own script, or pass it as an argument',
  );
}

/** What `import * as ns` gives for a module that is not an ES module. No getter of it runs here. */
function namespaceOf(exports: unknown): unknown {
  const namespace = Object.create(null) as Record<PropertyKey, unknown>;
  const members = exports as Record<string, unknown>;
  for (const name of Object.keys(Object(exports) as object)) {
    Object.defineProperty(namespace, name, { enumerable: true, get: () => members[name] });
  }
  Object.defineProperty(namespace, 'default', { enumerable: true, value: exports });
  Object.defineProperty(namespace, Symbol.toStringTag, { value: 'Module' });
  return namespace;
}

function isAsyncModule(error: unknown): boolean {
  const code = (error as { code?: unknown } | null | undefined)?.code;
  return code === 'ERR_REQUIRE_ASYNC_MODULE' || code === 'ERR_REQUIRE_ESM';
}

function loadError(reference: ModuleReference, cause: unknown): CaptureError {
  if (cause instanceof CaptureError) return cause;
  const message = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
  return new CaptureError(
    labelOf(reference),
    `could not be loaded in a worker (${message}); code that must not run there belongs ` +
      'into a file that no remote function imports',
    { cause },
  );
}

function labelOf({ url, specifier }: ModuleReference): string {
  const place = pathOf(url) ?? url;
  return specifier === undefined || specifier === url ? place : `'${specifier}' (${place})`;
}
