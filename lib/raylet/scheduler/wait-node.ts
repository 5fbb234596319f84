import type { CallRecord } from './records';

/** A call, or something between calls: a free place, a resource, one of several waits. */
export class WaitNode {
  /** How much of what it needs must go on before it can: all of it, or as many as are enough. */
  missing = 0;
  readonly needs: Need[] = [];
  readonly neededBy: Need[] = [];

  constructor(readonly call?: CallRecord) {}

  /** It needs `weight` units of `missing` from the other; `undefined` stands for what goes on. */
  need(node: WaitNode | undefined, weight = 1, note?: string): void {
    if (node === undefined) {
      this.missing -= weight;
      return;
    }
    this.needs.push({ node, weight, note });
    node.neededBy.push({ node: this, weight, note });
  }

  get goesOn(): boolean {
    return this.missing <= 0;
  }
}

export interface Need {
  readonly node: WaitNode;
  readonly weight: number;
  /** For people: by what it depends on the other, where that is no result. */
  readonly note: string | undefined;
}

/** What is known under the key; found out at the first time. */
export function known<K, V>(table: Map<K, V>, key: K, find: () => V): V {
  const there = table.get(key);
  if (there !== undefined || table.has(key)) return there as V;
  const found = find();
  table.set(key, found);
  return found;
}
