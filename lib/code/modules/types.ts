import type { ScriptText } from '../scopes/script-text';

/** Where a value can be had again by importing it. */
export interface ModuleReference {
  /** `file://…`, `node:fs`, `global:` for globals, or `rayx:` for what this package itself exports. */
  readonly url: string;
  /** As the user wrote it, for messages. */
  readonly specifier?: string;
  /**
   * Name of the export, dotted for members of globals; null for the whole namespace or
   * `module.exports`; `*` for the namespace that `import *` makes of a module that is not ESM.
   */
  readonly export: string | null;
  readonly format: 'cjs' | 'esm' | 'builtin';
}

/** The compiled text of one of the user's own modules. */
export interface ModuleText {
  readonly source: string;
  readonly format: 'cjs' | 'esm';
  /** What names in it mean that only its compiler resolves, such as `paths` of a tsconfig. */
  readonly imports?: Readonly<Record<string, string>>;
}

/** Compiled texts of the user's own modules, by URL. */
export type ModuleTexts = Readonly<Record<string, ModuleText>>;

/** On the capturing thread: which values are better imported again than copied. */
export interface ModuleIndex {
  /**
   * The module that exports this value: a built-in, a package, or the user's own but the entry.
   * `home` is the URL of the file that the captured function lives in: a value whose module would
   * load that file again is to be copied, so the answer is undefined.
   */
  identify(value: unknown, home?: string): ModuleReference | undefined;
  /** What the name `localName` of an ES module is imported from, if it is an import there. */
  importBinding(script: ScriptText, localName: string): ModuleReference | undefined;
  /**
   * Whether loading it would run `home`, or the driver's entry script, again: an imported function
   * or class is then copied instead.
   */
  reruns(reference: ModuleReference, home?: string): boolean;
  /** Throws CaptureError when importing it would run the driver's entry script again. */
  check(reference: ModuleReference, path: string): void;
  /** What the reader must be given to load the reference: texts that no plain Node could compile. */
  texts(reference: ModuleReference): ModuleTexts;
}

/** On the rebuilding thread: imports by reference. */
export interface ModuleLoader {
  addTexts(texts: ModuleTexts): void;
  /** Whether a script of that URL is a module, not a part of one that was rebuilt. */
  isImported(url: string): boolean;
  needsAsync(reference: ModuleReference): boolean;
  /** The value, at once: from what `loadAsync` has brought, or by `require`. */
  load(reference: ModuleReference): unknown;
  loadAsync(reference: ModuleReference): Promise<unknown>;
}
