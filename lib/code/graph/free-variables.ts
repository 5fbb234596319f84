import { CaptureError } from '../../base/errors';
import type { ParcelId } from '../../base/ids';
import { type Edit, freshName, padded } from '../analysis/edits';
import type { Facts, Use } from '../analysis/facts';
import { declaredOnce, seemsAssigned } from '../analysis/script';
import type { CaptureContext } from './context';
import { dataProperty } from '../modules/globals';
import type { ModuleReference } from '../modules/types';
import { fileScope } from '../rebuild/file-scope';
import { isStandardGlobal } from './global-names';
import type { Slot, Variable } from './nodes';
import { describeProperties } from './properties';
import { fileOf, type Site } from './site';
import { meaningOf } from './variables';
import type { NodeWriter } from './writer';
import { printTrail, type Trail } from './trail';

export interface Surroundings {
  readonly variables: readonly Variable[];
  /** Changes to the source: names that are now properties, `import(…)`, `import.meta`. */
  readonly edits: readonly Edit[];
}

/** Gives every name that a function uses from outside itself a value, or leaves it to the globals. */
export class FreeVariables {
  readonly #site: Site;
  readonly #facts: Facts;
  readonly #context: CaptureContext;
  readonly #tx: NodeWriter;
  readonly #trail: Trail;
  readonly #variables: Variable[] = [];
  readonly #edits: Edit[] = [];
  /** By the place that declares what is in the box. */
  readonly #boxNames = new Map<number, string>();

  constructor(site: Site, facts: Facts, context: CaptureContext, tx: NodeWriter, trail: Trail) {
    this.#site = site;
    this.#facts = facts;
    this.#context = context;
    this.#tx = tx;
    this.#trail = trail;
  }

  /** `except` are names that the caller gives a value himself. */
  read(except: ReadonlySet<string | undefined> = new Set()): Surroundings {
    const rest: (readonly [string, readonly Use[]])[] = [];
    for (const [name, uses] of this.#facts.free) {
      // Imports come first: what is met both ways goes by reference.
      if (!except.has(name) && !this.#readImport(name)) rest.push([name, uses]);
    }
    for (const [name, uses] of rest) this.#read(name, uses);
    this.#rewriteImports();
    return { variables: this.#variables, edits: this.#edits };
  }

  #give(name: string, value: Slot, changes = false): void {
    this.#variables.push({ name, value, ...(changes && { changes: true as const }) });
  }

  #slot(value: unknown, name: string): Slot {
    return this.#tx.slot(value, this.#trail, name);
  }

  #refuse(name: string, reason: string): never {
    throw this.#tx.refuse({ parent: this.#trail, step: name }, reason);
  }

  #readImport(name: string): boolean {
    const { script, look } = this.#site;
    if (!script.isModule) return false;
    const inner = look.scopes.some(
      ({ description, variables }) =>
        description !== 'Module' && isVariable(description, variables, name),
    );
    const reference = inner ? undefined : this.#importOf(name);
    if (!reference) return false;
    const { modules } = this.#context;
    const meaning = meaningOf(name, look);
    if (meaning.kind === 'unready') this.#refuse(name, unready);
    const whole = reference.export === null || reference.export === '*';
    if (!whole && modules.reruns(reference, this.#tx.home)) return false;
    modules.check(reference, `${printTrail(this.#trail)} → ${name}`);
    const value = meaning.kind === 'variable' ? meaning.value : undefined;
    const describe = () =>
      ({ kind: 'import', reference, texts: modules.texts(reference) }) as const;
    this.#give(name, this.#tx.slot(value, this.#trail, name, describe));
    return true;
  }

  #importOf(name: string): ModuleReference | undefined {
    try {
      return this.#context.modules.importBinding(this.#site.script, name);
    } catch (error) {
      if (!(error instanceof CaptureError) || error.path !== name) throw error;
      return this.#refuse(name, error.reason);
    }
  }

  #read(name: string, uses: readonly Use[]): void {
    const meaning = meaningOf(name, this.#site.look);
    if (meaning.kind === 'unready') this.#refuse(name, unready);
    if (meaning.kind === 'variable') return this.#readVariable(name, uses, meaning);
    return this.#readGlobal(name, uses);
  }

  #readVariable(
    name: string,
    uses: readonly Use[],
    { value, topLevel }: { readonly value: unknown; readonly topLevel: boolean },
  ): void {
    if (topLevel && name === 'require' && isRequire(value)) return this.#giveRequire(name, value);
    if (topLevel && name === 'module' && isModuleObject(value)) {
      this.#refuse(
        name,
        'the module object belongs to one file on one thread; use what it exports',
      );
    }
    if (topLevel && name === 'exports' && this.#readExports(uses, value)) return;
    const writes = uses.some((use) => use.writes);
    const { script, offset } = this.#site;
    if (!writes && !seemsAssigned(script, name)) {
      return this.#give(name, this.#slot(value, name));
    }
    const home = declaredOnce(script, name, offset);
    if (home !== undefined) return this.#box(name, uses, value, home);
    this.#context.innerVariables.note(
      this.#site.fn,
      { name, value, writes },
      { script, offset },
      this.#tx,
      this.#trail,
    );
    this.#give(name, this.#slot(value, name), writes);
  }

  /** Changing variables of a module become properties of one object, which all its functions see. */
  #box(name: string, uses: readonly Use[], value: unknown, home: number): void {
    const { script, source } = this.#site;
    const box = this.#standIn(`variables ${script.id} ${home}`, () => ({}));
    const boxName = this.#boxNames.get(home) ?? freshName(`$C${this.#boxNames.size}`, source);
    if (!this.#boxNames.has(home)) {
      this.#boxNames.set(home, boxName);
      this.#give(boxName, this.#tx.slot(box, this.#trail, '', emptyObject));
    }
    for (const use of uses) this.#edits.push(rewrite(use, name, `${boxName}.${name}`));
    if (this.#unsent(box, name)) {
      Object.assign(box, { [name]: value });
      const own = { keys: [name], values: [this.#slot(value, name)] };
      this.#tx.grow({ kind: 'properties', of: this.#tx.slot(box, this.#trail, ''), own });
    }
  }

  /** Of the `exports` of a file that does not go by reference, the members that are used. */
  #readExports(uses: readonly Use[], value: unknown): boolean {
    if (
      typeof value !== 'object' ||
      value === null ||
      this.#context.modules.identify(value, this.#tx.home)
    ) {
      return false;
    }
    if (uses.some((use) => use.member === undefined)) return false;
    const exports = value;
    const slot = this.#tx.slot(exports, this.#trail, '', emptyObject);
    this.#give('exports', slot);
    const members = new Set(uses.map((use) => use.member as string));
    const fresh = [...members].filter((name) => this.#unsent(exports, name));
    if (fresh.length > 0) {
      const isFresh = (key: string | symbol): boolean => fresh.includes(key as string);
      const own = describeProperties(exports, this.#tx, this.#trail, isFresh);
      this.#tx.grow({ kind: 'properties', of: slot, own });
    }
    return true;
  }

  #readGlobal(name: string, uses: readonly Use[]): void {
    if (name === 'arguments') return;
    if (isStandardGlobal(name)) return this.#noteGlobal(name, uses);
    const descriptor = Object.getOwnPropertyDescriptor(globalThis, name);
    if (!descriptor) return;
    const value: unknown = Reflect.get(globalThis, name);
    if (typeof value === 'function' && this.#context.natives.has(value)) return;
    this.#give(
      name,
      this.#slot(value, name),
      uses.some((use) => use.writes),
    );
  }

  /** `Array`, and `Array.prototype` where it is used: they may be keys of WeakMaps. No getter runs. */
  #noteGlobal(name: string, uses: readonly Use[]): void {
    const { weakTables } = this.#context;
    const value = dataProperty(globalThis, name);
    if (!isObject(value)) return;
    weakTables.noteGlobal(value);
    for (const { member } of uses) {
      const used = member === undefined ? undefined : dataProperty(value, member);
      if (isObject(used)) weakTables.noteGlobal(used);
    }
  }

  #giveRequire(name: string, value: object): void {
    const file = fileOf(this.#site.script);
    this.#give(
      name,
      this.#tx.slot(value, this.#trail, name, () => ({ kind: 'require', file })),
    );
  }

  #rewriteImports(): void {
    const { importCalls, importMetas } = this.#facts;
    const { source, script } = this.#site;
    const file = fileOf(script);
    if (importCalls.length > 0) {
      const name = freshName('$I', source);
      this.#giveStandIn(name, 'importer', file);
      for (const start of importCalls) {
        this.#edits.push({ start, end: start + 6, text: padded(name, 'import') });
      }
    }
    if (importMetas.length > 0) {
      const name = freshName('$M', source);
      this.#giveStandIn(name, 'meta', file);
      for (const [start, end] of importMetas) {
        this.#edits.push({ start, end, text: padded(name, source.slice(start, end)) });
      }
    }
  }

  #giveStandIn(name: string, kind: 'importer' | 'meta', file: string): void {
    const standIn = this.#standIn(`${kind} ${file}`, () => fileScope(kind, file));
    this.#give(
      name,
      this.#tx.slot(standIn, this.#trail, '', () => ({ kind, file })),
    );
  }

  /** What rebuilt functions are given; also here, for those that come back. */
  #standIn(key: string, make: () => object): object {
    const { standIns } = this.#context;
    const known = standIns.get(key);
    if (known) return known;
    const made = make();
    standIns.set(key, made);
    return made;
  }

  /** Whether readers lack this property of an object that goes in part; with this parcel they have it. */
  #unsent(thing: object, name: string): boolean {
    const names = this.#context.sent.get(thing) ?? new Map<string, ParcelId>();
    this.#context.sent.set(thing, names);
    const by = names.get(name);
    if (by !== undefined) {
      this.#tx.require(by);
      return false;
    }
    const { parcel } = this.#tx;
    names.set(name, parcel);
    this.#context.endings.add(parcel, () => names.delete(name));
    return true;
  }
}

/** An object that gets its properties by and by. */
const emptyObject = () => ({ kind: 'object', own: { keys: [], values: [] } }) as const;

const unready = 'it has no value yet: call .remote() after the line that declares it has run';

const isObject = (value: unknown): value is object =>
  typeof value === 'function' || (typeof value === 'object' && value !== null);

const isVariable = (description: string, variables: object, name: string): boolean =>
  description !== 'Global' && Object.hasOwn(variables, name);

const isRequire = (value: unknown): value is object =>
  typeof value === 'function' && Object.hasOwn(value, 'resolve') && Object.hasOwn(value, 'cache');

const isModuleObject = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && 'exports' in value && 'paths' in value;

function rewrite(use: Use, name: string, text: string): Edit {
  const { start, end } = use;
  if (use.shorthand) return { start, end, text: `${name}:${text}` };
  return { start, end, text: use.called ? `(0,${text})` : text };
}
