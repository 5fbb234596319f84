import { createRequire, isBuiltin } from 'node:module';
import type { ScriptText } from '../scopes/script-text';
import { moduleSyntax } from './esm-syntax';
import { isPackageFile, pathOf, urlOf } from './files';
import { recompile } from './recompile';
import { resolveImport } from './resolve';
import type { ModuleText } from './types';

/** What this thread's compiler made of the user's TypeScript files, for threads that have none. */
export class CompiledTexts {
  private readonly known = new Map<string, ModuleText>();

  constructor(
    private readonly scriptAt: (url: string) => ScriptText | undefined,
    private readonly formatOf: (url: string) => 'cjs' | 'esm',
  ) {}

  /** The same object each time, so that what holds it several times can be written once. */
  of(url: string): ModuleText | undefined {
    const text = this.known.get(url) ?? this.make(url);
    if (text) this.known.set(url, text);
    return text;
  }

  private make(url: string): ModuleText | undefined {
    const script = this.scriptAt(url);
    const format = script ? (script.isModule ? 'esm' : 'cjs') : this.formatOf(url);
    const compiled = script?.source ?? recompile(pathOf(url) ?? url, format);
    if (compiled === undefined) return undefined;
    // Positions are mapped where the text was compiled, so its map need not travel.
    const source = compiled.replace(/\/\/[#@] sourceMappingURL=data:\S*\s*$/, '');
    const imports = format === 'esm' ? imported(url, source) : required(url, source);
    return Object.keys(imports).length > 0 ? { source, format, imports } : { source, format };
  }
}

function imported(url: string, source: string): Record<string, string> {
  return compilerNames(moduleSyntax({ url, source }).specifiers, (specifier) =>
    resolveImport(specifier, url),
  );
}

function required(url: string, source: string): Record<string, string> {
  const { resolve } = createRequire(pathOf(url) ?? url);
  const specifiers = [...source.matchAll(/\brequire\(\s*["']([^"']+)["']\s*\)/g)];
  return compilerNames(
    specifiers.map(([, specifier = '']) => specifier),
    (specifier) => urlOf(resolve(specifier)),
  );
}

/** Bare names that lead to the user's own files: no package, so nothing a plain Node would find. */
function compilerNames(
  specifiers: readonly string[],
  resolve: (specifier: string) => string | undefined,
): Record<string, string> {
  const names: Record<string, string> = {};
  for (const specifier of specifiers) {
    if (isBuiltin(specifier) || /^[./]|^\w+:/.test(specifier)) continue;
    try {
      const url = resolve(specifier);
      if (url !== undefined && !isPackageFile(url)) names[specifier] = url;
    } catch {
      // It leads nowhere here either, so nobody gets as far as needing it.
    }
  }
  return names;
}
