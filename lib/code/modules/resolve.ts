import { readFileSync } from 'node:fs';
import { createRequire, isBuiltin } from 'node:module';
import { dirname, join } from 'node:path';
import { packageFolder, pathOf, realFile, typeScriptCandidates, upwards, urlOf } from './files';

/**
 * What an `import` of `specifier` in the module `parent` leads to: a `file://` URL, `node:…`, another
 * URL, or undefined when nothing is there. Node has its resolver for ES modules only inside ES
 * modules (`import.meta.resolve`), so the part that differs from `require.resolve`, the conditions of
 * a package's `exports`, is done here.
 */
export function resolveImport(specifier: string, parent: string): string | undefined {
  if (isBuiltin(specifier)) {
    return specifier.startsWith('node:') ? specifier : `node:${specifier}`;
  }
  if (/^(\.{0,2}\/|file:)/.test(specifier)) return resolveFile(specifier, parent);
  if (/^[a-z][a-z+.-]+:/i.test(specifier)) return specifier;
  const path = pathOf(parent);
  if (path === undefined) return undefined;
  const target = specifier.startsWith('#')
    ? privateImport(specifier, path)
    : packageExport(specifier, path);
  if (target !== undefined && isBuiltin(target)) return resolveImport(target, parent);
  const file = target === undefined ? undefined : realFile(target);
  return file ? urlOf(file) : requireResolve(specifier, path);
}

function resolveFile(specifier: string, parent: string): string | undefined {
  const url = new URL(specifier, parent).href;
  const path = pathOf(url);
  if (path === undefined) return undefined;
  const file = [path, ...typeScriptCandidates(path)].map(realFile).find((found) => found);
  if (file) return urlOf(file) + (/[?#].*$/.exec(url)?.[0] ?? '');
  const from = pathOf(parent);
  return from === undefined ? undefined : requireResolve(specifier, from);
}

function requireResolve(specifier: string, from: string): string | undefined {
  try {
    const found = createRequire(from).resolve(specifier);
    return isBuiltin(found) ? `node:${found.replace(/^node:/, '')}` : urlOf(found);
  } catch {
    return undefined;
  }
}

interface Manifest {
  readonly name?: string;
  readonly type?: string;
  readonly exports?: unknown;
  readonly imports?: Record<string, unknown>;
}

/** A folder's `package.json`, or undefined when it has none that can be read. */
export function manifestOf(folder: string): Manifest | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
  } catch {
    return undefined;
  }
}

function privateImport(specifier: string, path: string): string | undefined {
  const folder = packageFolder(path);
  const imports = folder === undefined ? undefined : manifestOf(folder)?.imports;
  const target = imports && matchKey(imports, specifier);
  if (folder === undefined || target === undefined) return undefined;
  if (target.startsWith('./')) return join(folder, target);
  return isBuiltin(target) ? target : pathOf(resolveImport(target, urlOf(path)) ?? '');
}

function packageExport(specifier: string, path: string): string | undefined {
  const name = /^(@[^/]+\/)?[^/]+/.exec(specifier)?.[0] ?? specifier;
  const subpath = `.${specifier.slice(name.length)}`;
  const own = packageFolder(path);
  if (own !== undefined && manifestOf(own)?.name === name) {
    const found = exportOf(own, subpath);
    if (found !== undefined) return found;
  }
  for (const folder of upwards(dirname(path))) {
    const candidate = join(folder, 'node_modules', name);
    if (manifestOf(candidate)) return exportOf(candidate, subpath);
  }
  return undefined;
}

function exportOf(folder: string, subpath: string): string | undefined {
  const exports = manifestOf(folder)?.exports;
  if (exports === undefined || exports === null) return undefined;
  const target = hasSubpaths(exports)
    ? matchKey(exports, subpath)
    : subpath === '.'
      ? pickTarget(exports, '')
      : undefined;
  return target === undefined ? undefined : join(folder, target);
}

function hasSubpaths(exports: unknown): exports is Record<string, unknown> {
  return isRecord(exports) && Object.keys(exports).some((key) => key.startsWith('.'));
}

/** The target for the best key: the exact one, else the pattern with the longest part before `*`. */
function matchKey(table: Record<string, unknown>, wanted: string): string | undefined {
  if (wanted in table && !wanted.includes('*')) return pickTarget(table[wanted], '');
  const patterns = Object.keys(table)
    .filter((key) => key.includes('*'))
    .sort((a, b) => b.indexOf('*') - a.indexOf('*'));
  for (const pattern of patterns) {
    const [before = '', after = ''] = pattern.split('*');
    if (
      wanted.length >= before.length + after.length &&
      wanted.startsWith(before) &&
      wanted.endsWith(after)
    ) {
      return pickTarget(table[pattern], wanted.slice(before.length, wanted.length - after.length));
    }
  }
  return undefined;
}

function pickTarget(target: unknown, star: string): string | undefined {
  if (typeof target === 'string') return target.replaceAll('*', star);
  const options = Array.isArray(target)
    ? target
    : isRecord(target)
      ? Object.keys(target)
          .filter((condition) => importConditions().has(condition))
          .map((condition) => target[condition])
      : [];
  for (const option of options as unknown[]) {
    const picked = pickTarget(option, star);
    if (picked !== undefined) return picked;
  }
  return undefined;
}

let conditions: ReadonlySet<string> | undefined;

/** The conditions an `import` fulfils in this process. */
function importConditions(): ReadonlySet<string> {
  if (conditions) return conditions;
  const flags = [...process.execArgv, ...(process.env['NODE_OPTIONS'] ?? '').split(' ')];
  const custom = flags.flatMap((flag, at) => {
    const value = /^(?:-C|--conditions)=(.+)$/.exec(flag)?.[1];
    return value ?? (flag === '-C' || flag === '--conditions' ? (flags[at + 1] ?? []) : []);
  });
  conditions = new Set(['node', 'import', 'module-sync', 'node-addons', 'default', ...custom]);
  return conditions;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
