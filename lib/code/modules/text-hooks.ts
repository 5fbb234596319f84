import * as moduleApi from 'node:module';
import { isAbsolute, resolve as resolvePath } from 'node:path';
import { CaptureError } from '../../base/errors';
import { marked } from '../stacks/marks';
import { startAsyncHooks, type AsyncHooks } from './async-hooks';
import { compileImported, compileRequired } from './compilers';
import { isTypeScript, pathOf, urlOf } from './files';
import { hookRequire } from './require-hook';
import type { ModuleText, ModuleTexts } from './types';

/** Of `node:module` on newer lines only. */
type RegisterHooks = (hooks: { resolve: ResolveHook; load: LoadHook }) => void;
interface Resolved {
  url: string;
  format?: string;
  shortCircuit?: boolean;
}
type ResolveHook = (
  specifier: string,
  context: { parentURL?: string },
  next: (specifier: string, context: object) => Resolved,
) => Resolved;
interface Loaded {
  format: string;
  source: string | null;
  shortCircuit?: boolean;
}
type LoadHook = (
  url: string,
  context: object,
  next: (url: string, context: object) => Loaded,
) => Loaded;

const { registerHooks } = moduleApi as { registerHooks?: RegisterHooks };
const hasSyncHooks = registerHooks !== undefined;

/**
 * Feeds compiled texts that came from another thread to this thread's module loader, so that a
 * TypeScript file is loaded here without a compiler. Nothing is touched before the first text.
 */
export class TextHooks {
  private readonly texts = new Map<string, ModuleText>();
  /** What an import may say instead of the file's own name: `b.js` or `b` for `b.ts`, or `@/b`. */
  private readonly aliases = new Map<string, string>();
  private installed = false;
  private hasModules = false;
  private asyncHooks: AsyncHooks | undefined;

  /** @param startsCompilers for files without a text; else whoever compiles here already goes on */
  constructor(private readonly startsCompilers: boolean) {}

  add(texts: ModuleTexts): void {
    const added = Object.entries(texts).filter(([url]) => !this.texts.has(url));
    for (const [url, { source, format, imports = {} }] of added) {
      // Frames get the mark of texts whose positions are still to be mapped.
      const text = { source: `${source}\n//# sourceURL=${scriptName(url, format)}`, format };
      this.texts.set(url, text);
      for (const alias of aliasesOf(url)) this.aliases.set(alias, url);
      for (const [name, target] of Object.entries(imports)) {
        this.aliases.set(`${url} ${name}`, target);
      }
      this.hasModules ||= format === 'esm';
    }
    if (this.texts.size > 0 && !this.installed) this.install();
    if (this.hasModules && !hasSyncHooks && added.length > 0) {
      this.asyncHooks ??= startAsyncHooks();
      this.asyncHooks.add([...this.texts], [...this.aliases]);
    }
  }

  /**
   * Whether `require` cannot load the ES module. Before `registerHooks`, only `import` saw the texts,
   * and compilers of ES modules hook into nothing else to this day.
   */
  needsImport(url: string): boolean {
    return (this.hasModules && !hasSyncHooks) || (isTypeScript(url) && !this.texts.has(url));
  }

  /** Makes sure that `require` can load a TypeScript file, by its text or else by a compiler. */
  readyToRequire(url: string): void {
    const path = this.uncompiled(url);
    if (path !== undefined && !compileRequired(path)) throw noCompiler(path);
  }

  /** The same for `import`. */
  async readyToImport(url: string): Promise<void> {
    const path = this.uncompiled(url);
    if (path !== undefined && !(await compileImported(path))) throw noCompiler(path);
  }

  private uncompiled(url: string): string | undefined {
    const missing = this.startsCompilers && isTypeScript(url) && !this.texts.has(url);
    return missing ? pathOf(url) : undefined;
  }

  private install(): void {
    this.installed = true;
    hookRequire(this);
    registerHooks?.({ resolve: this.resolve.bind(this), load: this.load.bind(this) });
  }

  private resolve(...[specifier, context, next]: Parameters<ResolveHook>): Resolved {
    try {
      return next(specifier, context);
    } catch (error) {
      const url = this.aliasOf(specifier, context.parentURL);
      if (url === undefined) throw error;
      return { url, shortCircuit: true };
    }
  }

  textOf(url: string): string | undefined {
    return this.texts.get(url)?.source;
  }

  private load(...[url, context, next]: Parameters<LoadHook>): Loaded {
    const text = this.texts.get(url);
    if (!text) return next(url, context);
    const format = text.format === 'esm' ? 'module' : 'commonjs';
    return { format, source: text.source, shortCircuit: true };
  }

  /** The file that a specifier in the module `base` means, when only its compiler would know. */
  aliasOf(specifier: string, base: string | undefined): string | undefined {
    if (isAbsolute(specifier)) return this.aliases.get(urlOf(resolvePath(specifier)));
    if (base === undefined) return undefined;
    if (!/^(\.{1,2}(\/|$)|file:)/.test(specifier)) return this.aliases.get(`${base} ${specifier}`);
    return this.aliases.get(new URL(specifier, base).href.replace(/\/$/, ''));
  }
}

function noCompiler(path: string): CaptureError {
  return new CaptureError(
    path,
    'is TypeScript, and this worker has neither its compiled text nor a compiler; ' +
      'install tsx or ts-node beside it, or compile it first',
  );
}

/** The form stacks have: paths for CommonJS. The comment that sets it may hold no spaces. */
function scriptName(url: string, format: 'cjs' | 'esm'): string {
  const path = format === 'cjs' ? pathOf(url) : undefined;
  return marked(path !== undefined && encodeURI(path) === path ? path : url);
}

/** What an import of the file may say. */
function aliasesOf(url: string): string[] {
  const base = url.replace(/\.[cm]?tsx?$/, '');
  const kind = /\.([cm])ts$/.exec(url)?.[1] ?? '';
  const names = [url, base, `${base}.${kind}js`, `${base}.jsx`];
  return base.endsWith('/index') ? [...names, base.slice(0, -'/index'.length)] : names;
}
