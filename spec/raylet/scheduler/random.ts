/** A small seeded source of randomness (mulberry32), the same on every machine. */
export class Random {
  constructor(private state: number) {}

  /** From 0 up to, not including, 1. */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(list: readonly T[]): T | undefined {
    return list[this.below(list.length)];
  }

  /** A few of them, at most `limit`, none twice. */
  some<T>(list: readonly T[], limit: number): T[] {
    const few = new Set<T>();
    for (let left = this.below(limit + 1); left > 0; left -= 1) {
      const one = this.pick(list);
      if (one !== undefined) few.add(one);
    }
    return [...few];
  }
}
