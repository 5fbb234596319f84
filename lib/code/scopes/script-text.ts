/** A script as V8 has it: compiled text, after any TypeScript compiler or bundler. */
export interface ScriptText {
  readonly id: string;
  /** `file:///…`, `node:internal/…`, or empty for code made by `eval`. */
  readonly url: string;
  readonly source: string;
  readonly isModule: boolean;
  /** Of the compiled text; often a `data:` URL. Empty when there is none. */
  readonly sourceMapURL: string;
  /** Position of the text within its file: not 0 for scripts rebuilt or embedded. */
  readonly startLine: number;
  readonly startColumn: number;
}

/** The scripts of this thread. */
export interface ScriptsTable {
  /** The script that holds a function's source; undefined for native functions. */
  of(fn: object): ScriptText | undefined;
  /** The latest script of that URL; V8 drops those none of whose functions is left. */
  byUrl(url: string): ScriptText | undefined;
}
