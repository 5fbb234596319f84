import { types } from 'node:util';
import type { NodeWriter } from './writer';

type WeakTable = WeakMap<object, unknown> | WeakSet<object>;

/**
 * Captured WeakMaps and WeakSets, which is how compiled TypeScript keeps `#private` fields. They
 * cannot be listed, so their entries are looked up by the instances that were captured.
 */
export class WeakTables {
  #tables: WeakRef<WeakTable>[] = [];
  #instances: WeakRef<object>[] = [];
  #newTables: WeakTable[] = [];
  #newInstances: object[] = [];

  add(table: WeakTable, tx: NodeWriter): void {
    this.#newTables.push(table);
    tx.onRefusal(() => this.#forgetNew());
  }

  /** A table rebuilt on this thread. */
  adopt<T extends WeakTable>(table: T): T {
    this.#tables.push(new WeakRef<WeakTable>(table));
    return table;
  }

  noteInstance(instance: object): void {
    this.#newInstances.push(instance);
  }

  /** Sends entries that have become visible by this capture; these may lead to further things. */
  settle(tx: NodeWriter): void {
    while (this.#newTables.length > 0 || this.#newInstances.length > 0) {
      const [tables, instances] = [this.#newTables, this.#newInstances];
      [this.#newTables, this.#newInstances] = [[], []];
      const [oldTables, oldInstances] = [live(this.#tables), live(this.#instances)];
      for (const table of tables) {
        for (const key of [...oldInstances, ...instances]) send(table, key, tx);
      }
      for (const table of oldTables) for (const key of instances) send(table, key, tx);
      this.#tables = [...oldTables, ...tables].map((table) => new WeakRef(table));
      this.#instances = [...oldInstances, ...instances].map((key) => new WeakRef(key));
      tx.run();
    }
  }

  /** Private state that an instance has in captured tables. */
  entriesOf(instance: object): [table: WeakTable, value: unknown][] {
    return live(this.#tables).flatMap((table): [WeakTable, unknown][] => {
      if (!table.has(instance)) return [];
      return [[table, types.isWeakMap(table) ? table.get(instance) : true]];
    });
  }

  #forgetNew(): void {
    this.#newTables = [];
    this.#newInstances = [];
  }
}

function send(table: WeakTable, key: object, tx: NodeWriter): void {
  if (!table.has(key)) return;
  tx.grow({
    kind: 'weakEntry',
    of: tx.slot(table, undefined, ''),
    key: tx.slot(key, undefined, ''),
    value: tx.slot(types.isWeakMap(table) ? table.get(key) : true, undefined, '#private'),
  });
}

const live = <T extends object>(refs: readonly WeakRef<T>[]): T[] =>
  refs.map((ref) => ref.deref()).filter((thing) => thing !== undefined);
