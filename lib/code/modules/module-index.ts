import { relative } from 'node:path';
import { types } from 'node:util';
import { CaptureError } from '../../base/errors';
import { ownFolder } from '../../base/own-folder';
import type { ScriptsTable, ScriptText } from '../scopes/script-text';
import { unmarked } from '../stacks/marks';
import { scriptUrl } from './entry-script';
import { moduleSyntax } from './esm-syntax';
import { ExportsIndex } from './exports-index';
import { isPackageFile, isTypeScript, packageFolder, pathOf, urlOf } from './files';
import { globalName, isNative } from './globals';
import { ModuleGraph } from './module-graph';
import { CompiledTexts } from './module-texts';
import { manifestOf, resolveImport } from './resolve';
import type { ModuleIndex, ModuleReference, ModuleText, ModuleTexts } from './types';

export interface ModuleIndexOptions {
  /** What rayx itself exports. */
  readonly self: () => object;
  /** Path or URL of the driver's main script, if it has one. */
  readonly entry?: string | undefined;
  readonly scripts: ScriptsTable;
}

/**
 * Decides what goes by reference.
 *
 * - A function that is itself captured always travels by value; so does all that its own file
 *   defines, exported or not.
 * - What a built-in, a package, or another of the user's files *exports* is imported again over
 *   there. What such a file keeps to itself travels by value.
 * - A file of the user's that would load the captured function's own file again (a spec file with
 *   its `describe`s, say), or the script the process was started with, is not imported: functions,
 *   classes and data it exports travel by value instead. Whole modules cannot, so `check` refuses
 *   those.
 */
export function createModuleIndex(options: ModuleIndexOptions): ModuleIndex {
  return new Index(options);
}

class Index implements ModuleIndex {
  private readonly entry: string | undefined;
  private readonly scripts: ScriptsTable;
  private readonly graph: ModuleGraph;
  private readonly compiled: CompiledTexts;
  private readonly exports: ExportsIndex;
  private own: Map<unknown, ModuleReference> | undefined;

  constructor(private readonly options: ModuleIndexOptions) {
    this.entry = options.entry === undefined ? undefined : scriptUrl(options.entry);
    this.scripts = options.scripts;
    const scriptAt = (url: string) => this.scripts.byUrl(url);
    this.graph = new ModuleGraph(scriptAt);
    this.compiled = new CompiledTexts(scriptAt, (url) =>
      this.formatOf(url) === 'esm' ? 'esm' : 'cjs',
    );
    this.exports = new ExportsIndex(this.entry);
  }

  identify(value: unknown, home?: string): ModuleReference | undefined {
    const reference = this.find(value);
    if (!reference) return undefined;
    const whole = reference.export === null || reference.export === '*';
    if (whole && typeof value !== 'function') return reference;
    return this.reruns(reference, home) ? undefined : reference;
  }

  importBinding(script: ScriptText, localName: string): ModuleReference | undefined {
    const name = moduleSyntax(script).imports.get(localName);
    if (!name) return undefined;
    const { specifier, imported } = name;
    const url = resolveImport(specifier, script.url);
    if (url === undefined) {
      throw new CaptureError(
        localName,
        `it is imported from '${specifier}', which cannot be found from ${script.url}`,
      );
    }
    if (this.isSelf(url)) {
      const all = imported === 'default' || imported === '*';
      return { url: 'rayx:', specifier, export: all ? null : imported, format: 'builtin' };
    }
    const format = this.formatOf(url);
    if (format === 'esm') {
      return { url, specifier, export: imported === '*' ? null : imported, format };
    }
    // An ES module's default import of anything else is its whole `module.exports`.
    return { url, specifier, export: imported === 'default' ? null : imported, format };
  }

  reruns(reference: ModuleReference, home?: string): boolean {
    if (!reference.url.startsWith('file:')) return false;
    return [this.entry, home].some((file) => {
      return (
        file !== undefined && this.graph.chain(reference.url, urlOf(unmarked(file))) !== undefined
      );
    });
  }

  check(reference: ModuleReference, path: string): void {
    if (this.entry === undefined || !reference.url.startsWith('file:')) return;
    const chain = this.graph.chain(reference.url, this.entry);
    if (!chain) return;
    const files = chain.map((url) => pathOf(url) ?? url).join(' → ');
    throw new CaptureError(
      path,
      `importing it in a worker would run your main script again (${files}); ` +
        'move what both files need into a third one',
    );
  }

  texts(reference: ModuleReference): ModuleTexts {
    const texts: Record<string, ModuleText> = {};
    for (const url of this.graph.reachable(reference.url)) {
      const text = isTypeScript(url) ? this.compiled.of(url) : undefined;
      if (text) texts[url] = text;
    }
    return texts;
  }

  private find(value: unknown): ModuleReference | undefined {
    if (typeof value === 'symbol') {
      return globalReference(globalName(value)) ?? this.exports.find(value);
    }
    if (typeof value !== 'function' && (typeof value !== 'object' || value === null)) {
      return undefined;
    }
    const own = this.selfReference(value);
    if (own) return own;
    // Nothing of a proxy can be read without running its handler.
    if (types.isProxy(value)) return this.exports.find(value);
    if (types.isModuleNamespaceObject(value)) {
      return this.exports.find(value) ?? this.namespaceReference(value);
    }
    if (typeof value === 'function') return this.functionReference(value);
    return globalReference(globalName(value)) ?? this.exports.find(value);
  }

  private functionReference(fn: object): ModuleReference | undefined {
    const native = isNative(fn);
    const named = native ? globalReference(globalName(fn)) : undefined;
    const found = named ?? this.exports.find(fn);
    if (found || native) return found;
    const script = this.scripts.of(fn);
    if (!script) return undefined;
    if (script.url.startsWith('node:')) return globalReference(globalName(fn));
    return script.isModule ? this.moduleExport(fn, script) : undefined;
  }

  /** A function met without an import, such as one taken from `await import()`, by its own text. */
  private moduleExport(fn: object, script: ScriptText): ModuleReference | undefined {
    const url = unmarked(script.url);
    if (!url.startsWith('file:') || url === this.entry) return undefined;
    const name = syntaxOf(script)?.functions.get(Function.prototype.toString.call(fn));
    return name === undefined ? undefined : { url, export: name, format: 'esm' };
  }

  /** Of a built-in or CommonJS module by its default export, of an ES module by one of its functions. */
  private namespaceReference(namespace: object): ModuleReference | undefined {
    const members = Object.keys(namespace).map((name) => [name, readExport(namespace, name)]);
    const fallback = members.find(([name]) => name === 'default')?.[1];
    if (typeof fallback === 'object' || typeof fallback === 'function') {
      const whole = fallback === null ? undefined : this.exports.find(fallback);
      if (whole?.export === null) return { ...whole, export: '*' };
    }
    for (const [, value] of members) {
      const script = typeof value === 'function' ? this.scripts.of(value) : undefined;
      if (!script?.isModule || unmarked(script.url) === this.entry) continue;
      const syntax = syntaxOf(script);
      const complete = members.every(([name]) => syntax?.exports.has(String(name)));
      if (complete && (syntax?.open || syntax?.exports.size === members.length)) {
        return { url: unmarked(script.url), export: null, format: 'esm' };
      }
    }
    return undefined;
  }

  private selfReference(value: object): ModuleReference | undefined {
    if (!this.own) {
      const self = this.options.self();
      this.own = new Map([[self, { url: 'rayx:', export: null, format: 'builtin' }]]);
      for (const [name, member] of Object.entries(self)) {
        this.own.set(member, { url: 'rayx:', export: name, format: 'builtin' });
      }
    }
    return this.own.get(value);
  }

  private isSelf(url: string): boolean {
    const path = pathOf(url);
    return path !== undefined && /^index\.[jt]s$/.test(relative(ownFolder, path));
  }

  private formatOf(url: string): ModuleReference['format'] {
    if (url.startsWith('node:')) return 'builtin';
    const path = pathOf(url);
    if (path === undefined || /\.m[jt]s$/.test(path)) return 'esm';
    if (/\.(c[jt]s|json|node)$/.test(path)) return 'cjs';
    const loaded = require.cache[path];
    if (loaded) return types.isModuleNamespaceObject(loaded.exports) ? 'esm' : 'cjs';
    const script = isPackageFile(url) ? undefined : this.scripts.byUrl(url);
    if (script) return script.isModule ? 'esm' : 'cjs';
    const folder = packageFolder(path);
    return folder !== undefined && manifestOf(folder)?.type === 'module' ? 'esm' : 'cjs';
  }
}

function globalReference(name: string | undefined): ModuleReference | undefined {
  return name === undefined ? undefined : { url: 'global:', export: name, format: 'builtin' };
}

function syntaxOf(script: ScriptText): ReturnType<typeof moduleSyntax> | undefined {
  try {
    return moduleSyntax(script);
  } catch {
    return undefined;
  }
}

/** A module that is still being loaded throws at its unready exports. */
function readExport(namespace: object, name: string): unknown {
  try {
    return (namespace as Record<string, unknown>)[name];
  } catch {
    return undefined;
  }
}
