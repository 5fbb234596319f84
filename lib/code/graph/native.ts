import { isNative } from '../modules/globals';
import type { Inspector } from '../scopes/inspector';
import type { Scripts } from '../scopes/scripts';

/** Tells the functions of V8 and Node from the user's, by asking once for each. */
export class NativeFunctions {
  readonly #inspector: Inspector;
  readonly #scripts: Scripts;
  readonly #known = new WeakMap<object, boolean>();

  constructor(inspector: Inspector, scripts: Scripts) {
    this.#inspector = inspector;
    this.#scripts = scripts;
  }

  has(fn: object): boolean {
    const known = this.#known.get(fn);
    if (known !== undefined) return known;
    const native = isNative(fn) || this.#isOfNode(fn);
    this.#known.set(fn, native);
    return native;
  }

  #isOfNode(fn: object): boolean {
    return this.#scripts.urlAt(this.#inspector.look(fn))?.startsWith('node:') ?? false;
  }
}
