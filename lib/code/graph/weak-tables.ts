import { types } from 'node:util';
import type { CodeId } from '../../base/ids';
import type { Identity } from './identity';
import type { Trail } from './trail';
import type { NodeWriter } from './writer';

type WeakTable = WeakMap<object, unknown> | WeakSet<object>;

interface Found<T> {
  readonly table: T;
  /** Where it was found, for messages. */
  readonly trail: Trail | undefined;
}

type Fresh = readonly [thing: object | symbol, id: CodeId];

/**
 * Captured WeakMaps and WeakSets, which is also how compiled TypeScript keeps `#private` fields.
 * They cannot be listed, so their entries are looked up by all that is known on both sides: what was
 * captured, by value or by reference, and globals that functions name.
 */
export class WeakTables {
  #tables: Found<WeakRef<WeakTable>>[] = [];
  #newTables: Found<WeakTable>[] = [];
  /** They are not captured: every thread has them. */
  readonly #globals = new Set<object>();
  #newGlobals: object[] = [];

  add(table: WeakTable, trail: Trail): void {
    this.#newTables.push({ table, trail });
  }

  /** A table rebuilt on this thread. */
  adopt<T extends WeakTable>(table: T): T {
    this.#tables.push({ table: new WeakRef<WeakTable>(table), trail: undefined });
    return table;
  }

  /** A captured function names this global. */
  noteGlobal(value: object): void {
    if (this.#globals.has(value)) return;
    this.#globals.add(value);
    this.#newGlobals.push(value);
  }

  /**
   * Sends entries that have become visible by this capture; these may lead to further things.
   *
   * @param fresh all that the capture has met for the first time; it may grow meanwhile
   */
  settle(tx: NodeWriter, identity: Identity, fresh: readonly Fresh[]): void {
    let done = 0;
    while (done < fresh.length || this.#newTables.length > 0 || this.#newGlobals.length > 0) {
      const keys = [...fresh.slice(done).map(([thing]) => thing as object), ...this.#newGlobals];
      const newTables = this.#newTables;
      const oldTables = live(this.#tables);
      done = fresh.length;
      this.#newTables = [];
      this.#newGlobals = [];
      for (const found of oldTables) for (const key of keys) send(found, key, tx);
      if (newTables.length > 0) {
        const all = [...identity.things(), ...this.#globals];
        for (const found of newTables) for (const key of all) send(found, key, tx);
      }
      this.#tables = [...oldTables, ...newTables].map(({ table, trail }) => ({
        table: new WeakRef(table),
        trail,
      }));
      tx.run();
    }
  }

  /** Private state that an instance has in captured tables. */
  entriesOf(instance: object): [table: WeakTable, value: unknown][] {
    return live(this.#tables).flatMap(({ table }): [WeakTable, unknown][] => {
      if (!table.has(instance)) return [];
      return [[table, types.isWeakMap(table) ? table.get(instance) : true]];
    });
  }

  /** Answers a function that forgets what comes from now on. */
  mark(): () => void {
    const tables = this.#tables;
    const globals = [...this.#globals];
    return () => {
      this.#tables = tables;
      this.#newTables = [];
      this.#globals.clear();
      for (const value of globals) this.#globals.add(value);
      this.#newGlobals = [];
    };
  }
}

function send({ table, trail }: Found<WeakTable>, key: object, tx: NodeWriter): void {
  if (!table.has(key)) return;
  tx.grow({
    kind: 'weakEntry',
    of: tx.slot(table, undefined, ''),
    key: tx.slot(key, trail, 'get(…)'),
    value: tx.slot(types.isWeakMap(table) ? table.get(key) : true, trail, 'get(…)'),
  });
}

const live = (tables: readonly Found<WeakRef<WeakTable>>[]): Found<WeakTable>[] =>
  tables.flatMap(({ table, trail }) => {
    const there = table.deref();
    return there === undefined ? [] : [{ table: there, trail }];
  });
