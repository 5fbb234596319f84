import { unmarked } from '../stacks/marks';
import type { Inspector, Look, ParsedScript } from './inspector';
import type { ScriptsTable, ScriptText } from './script-text';

/**
 * The texts of files, by the id of their script, which V8 gives once. They outlive the runtime: V8 is slow
 * to tell where it has thousands of scripts, as under a test runner whose tests start a runtime each.
 */
const files = new Map<string, ScriptText>();

/** The scripts of this thread, asked of V8 once for each script that a captured function comes from. */
export class Scripts implements ScriptsTable {
  readonly #inspector: Inspector;
  readonly #parsed = new Map<string, ParsedScript>();
  readonly #texts = new Map<string, ScriptText>();
  readonly #idByUrl = new Map<string, string>();

  constructor(inspector: Inspector) {
    this.#inspector = inspector;
  }

  of(fn: object): ScriptText | undefined {
    return this.at(this.#inspector.look(fn));
  }

  byUrl(url: string): ScriptText | undefined {
    if (!this.#idByUrl.has(url)) this.#refresh();
    const id = this.#idByUrl.get(url);
    if (id === undefined) return undefined;
    try {
      return this.#text(id);
    } catch {
      this.#idByUrl.delete(url);
      return undefined;
    }
  }

  /** The script a look has found its function in. */
  at(look: Look): ScriptText | undefined {
    return look.location === undefined ? undefined : this.#text(look.location.scriptId);
  }

  /** The URL alone, which costs less than the text. */
  urlAt(look: Look): string | undefined {
    const id = look.location?.scriptId;
    if (id === undefined) return undefined;
    return (this.#parsed.get(id) ?? this.#text(id))?.url;
  }

  #text(id: string): ScriptText | undefined {
    const known = this.#texts.get(id) ?? files.get(id);
    if (known) return known;
    this.#refresh(id);
    return this.#texts.get(id) ?? files.get(id);
  }

  #refresh(wanted?: string): void {
    this.#inspector.withScripts(
      (script) => {
        this.#parsed.set(script.scriptId, script);
        if (script.url !== '') this.#idByUrl.set(script.url, script.scriptId);
      },
      (textOf) => {
        const script = wanted === undefined ? undefined : this.#parsed.get(wanted);
        if (script === undefined) return;
        const text = describe(script, textOf(script.scriptId));
        (isFile(text) ? files : this.#texts).set(text.id, text);
      },
    );
  }
}

/** What was rebuilt of a file comes anew each time. */
const isFile = ({ url }: ScriptText): boolean =>
  /^(?:file|node):/.test(url) && unmarked(url) === url;

function describe(script: ParsedScript, source: string): ScriptText {
  return {
    id: script.scriptId,
    url: script.url,
    source,
    isModule: script.isModule ?? false,
    sourceMapURL: script.sourceMapURL ?? '',
    startLine: script.startLine,
    startColumn: script.startColumn,
  };
}
