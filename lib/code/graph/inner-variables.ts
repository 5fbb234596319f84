import { whenCollected } from '../../base/garbage';
import { sameDeclaration } from '../analysis/script';
import type { Inspector } from '../scopes/inspector';
import type { ScriptText } from '../scopes/script-text';
import type { NodeWriter } from './writer';
import type { Trail } from './trail';

interface Seen {
  readonly fn: WeakRef<object>;
  readonly offset: number;
}

/** The captured functions that see a variable of that name. */
interface Holders {
  readonly writers: Set<Seen>;
  readonly readers: Set<Seen>;
}

/**
 * Variables of functions that are assigned to somewhere. A copy in the other thread can belong to
 * one function only: whether two functions see the same one, V8 does not say.
 */
export class InnerVariables {
  readonly #inspector: Inspector;
  readonly #seen = new Map<string, Holders>();

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
    const { writers, readers } = this.#holdersOf(key);
    // Those that only read may have a copy each: nobody looks through them for one more.
    const rivals = writes ? [...writers, ...readers] : writers;
    for (const other of rivals) {
      const holder = other.fn.deref();
      if (!holder || holder === fn) continue;
      if (!sameDeclaration(place.script, name, other.offset, place.offset)) continue;
      if (!Object.is(this.#current(holder, name), value)) continue;
      throw tx.refuse(
        { parent: trail, step: name },
        `two closures share the changing variable ${name}: keep it in an actor`,
      );
    }
    const seen: Seen = { fn: new WeakRef(fn), offset: place.offset };
    const mates = writes ? writers : readers;
    const forget = (): void => void mates.delete(seen);
    mates.add(seen);
    whenCollected(fn, forget);
    tx.onRefusal(forget);
  }

  #holdersOf(key: string): Holders {
    const known = this.#seen.get(key);
    if (known) return known;
    const holders: Holders = { writers: new Set<Seen>(), readers: new Set<Seen>() };
    this.#seen.set(key, holders);
    return holders;
  }

  #current(fn: object, name: string): unknown {
    const scope = this.#inspector
      .look(fn)
      .scopes.find(({ variables }) => Object.hasOwn(variables, name));
    return scope && (scope.variables as Record<string, unknown>)[name];
  }
}
