import { readFileSync } from 'node:fs';
import type { ScriptText } from '../scopes/script-text';
import { moduleSyntax } from './esm-syntax';
import { isPackageFile, pathOf, urlOf } from './files';
import { resolveImport } from './resolve';

/** Which of the user's own files loading one of them loads. Packages are never entered. */
export class ModuleGraph {
  /** Of ES modules: these never change. */
  private readonly imports = new Map<string, readonly string[]>();
  private readonly chains = new Map<string, readonly string[] | undefined>();

  constructor(private readonly scriptAt: (url: string) => ScriptText | undefined) {}

  /** The files from `from` to `to`, both included, when loading the first loads the second. */
  chain(from: string, to: string): readonly string[] | undefined {
    const key = `${from}\n${to}`;
    if (this.chains.has(key)) return this.chains.get(key);
    const parents = this.walk(from, to);
    let chain: string[] | undefined;
    if (parents.has(to)) {
      chain = [];
      for (let at: string | undefined = to; at !== undefined; at = parents.get(at)) chain.push(at);
      chain.reverse();
    }
    // A module that is still being loaded may yet load more.
    if (require.cache[pathOf(from) ?? '']?.loaded !== false) this.chains.set(key, chain);
    return chain;
  }

  /** All own files that loading `from` loads, itself included. */
  reachable(from: string): string[] {
    return [...this.walk(from).keys()];
  }

  /** Breadth first, so that chains are short; each file with the one that led to it. */
  private walk(from: string, to?: string): Map<string, string | undefined> {
    const parents = new Map<string, string | undefined>();
    if (isPackageFile(from)) return parents;
    parents.set(from, undefined);
    for (const url of parents.keys()) {
      if (url === to) break;
      for (const next of this.dependencies(url)) {
        if (!parents.has(next) && !isPackageFile(next)) parents.set(next, url);
      }
    }
    return parents;
  }

  private dependencies(url: string): readonly string[] {
    const path = pathOf(url);
    const loaded = path === undefined ? undefined : require.cache[path];
    // What a CommonJS module required is on record, also what a compiler resolved for it.
    if (loaded) return (loaded.children ?? []).map((child) => urlOf(child.filename ?? child.id));
    const known = this.imports.get(url);
    if (known) return known;
    const imports = this.importsOf(url, path);
    this.imports.set(url, imports);
    return imports;
  }

  private importsOf(url: string, path: string | undefined): readonly string[] {
    const source = this.scriptAt(url)?.source ?? readText(path);
    if (source === undefined) return [];
    try {
      return moduleSyntax({ url, source }).specifiers.flatMap((specifier) => {
        return resolveImport(specifier, url) ?? [];
      });
    } catch {
      // A text that cannot be parsed as a module is CommonJS that nobody has loaded yet.
      return [];
    }
  }
}

function readText(path: string | undefined): string | undefined {
  if (path === undefined || !/\.[cm]?js$/.test(path)) return undefined;
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
