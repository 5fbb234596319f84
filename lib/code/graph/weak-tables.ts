import { types } from 'node:util';
import type { NodeWriter } from './writer';

type WeakTable = WeakMap<object, unknown> | WeakSet<object>;

/**
 * Captured WeakMaps and WeakSets, which is how compiled TypeScript keeps `#private` fields. They
 * cannot be listed, so their entries are looked up by the instances and classes that were captured.
 */
export class WeakTables {
  #tables: WeakRef<WeakTable>[] = [];
  #owners: WeakRef<object>[] = [];
  #newTables: WeakTable[] = [];
  #newOwners: object[] = [];
  readonly #lasting = new WeakSet<object>();

  add(table: WeakTable): void {
    this.#newTables.push(table);
  }

  /** A table rebuilt on this thread. */
  adopt<T extends WeakTable>(table: T): T {
    this.#tables.push(new WeakRef<WeakTable>(table));
    return table;
  }

  /**
   * Something that may have entries. Instances and classes are `lasting`: they get those of tables
   * that are captured later, too.
   */
  noteOwner(owner: object, lasting: boolean): void {
    this.#newOwners.push(owner);
    if (lasting) this.#lasting.add(owner);
  }

  /** Sends entries that have become visible by this capture; these may lead to further things. */
  settle(tx: NodeWriter): void {
    while (this.#newTables.length > 0 || this.#newOwners.length > 0) {
      const [tables, owners] = [this.#newTables, this.#newOwners];
      [this.#newTables, this.#newOwners] = [[], []];
      const [oldTables, oldOwners] = [live(this.#tables), live(this.#owners)];
      for (const table of tables) {
        for (const key of [...oldOwners, ...owners]) send(table, key, tx);
      }
      for (const table of oldTables) for (const key of owners) send(table, key, tx);
      this.#tables = [...oldTables, ...tables].map((table) => new WeakRef(table));
      const lasting = owners.filter((owner) => this.#lasting.has(owner));
      this.#owners = [...oldOwners, ...lasting].map((key) => new WeakRef(key));
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

  /** Answers a function that forgets what comes from now on. */
  mark(): () => void {
    const [tables, owners] = [this.#tables, this.#owners];
    return () => {
      this.#tables = tables;
      this.#owners = owners;
    };
  }

  /** The capture that brought what is new was refused. */
  forgetNew(): void {
    this.#newTables = [];
    this.#newOwners = [];
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
