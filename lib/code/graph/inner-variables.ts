import { sameDeclaration } from '../analysis/script';
import type { Inspector } from '../scopes/inspector';
import type { ScriptText } from '../scopes/script-text';
import type { NodeWriter } from './writer';
import type { Trail } from './trail';

interface Seen {
  readonly fn: WeakRef<object>;
  readonly offset: number;
  readonly writes: boolean;
}

/**
 * Variables of functions that are assigned to somewhere. A copy in the other thread can belong to
 * one function only: whether two functions see the same one, V8 does not say.
 */
export class InnerVariables {
  readonly #inspector: Inspector;
  readonly #seen = new Map<string, Seen[]>();

  constructor(inspector: Inspector) {
    this.#inspector = inspector;
  }

  /** Notes that a captured function sees the variable; throws when another one may share it. */
  note(
    fn: object,
    variable: { readonly name: string; readonly value: unknown; readonly writes: boolean },
    place: { readonly script: ScriptText; readonly offset: number },
    tx: NodeWriter,
    trail: Trail,
  ): void {
    const { name, value, writes } = variable;
    const key = `${place.script.id}:${name}`;
    const others = this.#seen.get(key) ?? [];
    for (const other of others) {
      const holder = other.fn.deref();
      if (!holder || holder === fn || !(other.writes || writes)) continue;
      if (!sameDeclaration(place.script, name, other.offset, place.offset)) continue;
      if (!Object.is(this.#current(holder, name), value)) continue;
      throw tx.refuse(
        { parent: trail, step: name },
        `two closures share the changing variable ${name}: keep it in an actor`,
      );
    }
    const entry = { fn: new WeakRef(fn), offset: place.offset, writes };
    this.#seen.set(key, [...others.filter(({ fn }) => fn.deref()), entry]);
    tx.onRefusal(() => {
      this.#seen.set(
        key,
        (this.#seen.get(key) ?? []).filter((seen) => seen !== entry),
      );
    });
  }

  #current(fn: object, name: string): unknown {
    const scope = this.#inspector
      .look(fn)
      .scopes.find(({ variables }) => Object.hasOwn(variables, name));
    return scope && (scope.variables as Record<string, unknown>)[name];
  }
}
