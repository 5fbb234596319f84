/** First in, first out, and out of the middle as well: each in constant time, however long it is. */
export class Line<T> {
  readonly #places = new Map<number, T>();
  #first = 0;
  #next = 0;

  get size(): number {
    return this.#places.size;
  }

  /** Answers the place, by which the value can be taken out of turn. */
  add(value: T): number {
    this.#places.set(this.#next, value);
    return this.#next++;
  }

  /** Puts a value back into the place it had. */
  restore(place: number, value: T): void {
    this.#places.set(place, value);
    this.#first = Math.min(this.#first, place);
  }

  /** Takes out the first value. */
  shift(): T | undefined {
    const place = this.firstPlace;
    const value = this.#places.get(place);
    this.#places.delete(place);
    return value;
  }

  /** The first value, which stays. */
  peek(): T | undefined {
    return this.#places.get(this.firstPlace);
  }

  /** Where the first value is, if there is one. */
  get firstPlace(): number {
    if (this.#places.size === 0) return this.#next;
    while (!this.#places.has(this.#first)) this.#first += 1;
    return this.#first;
  }

  has(place: number): boolean {
    return this.#places.has(place);
  }

  /** Takes a value out of turn; answers whether it was still there. */
  remove(place: number): boolean {
    return this.#places.delete(place);
  }

  /** Takes out all values, in order. */
  clear(): T[] {
    const values = [...this.#places].sort(([a], [b]) => a - b).map(([, value]) => value);
    this.#places.clear();
    return values;
  }
}
