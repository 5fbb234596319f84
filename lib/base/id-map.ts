import { countOf, originOf } from './ids';

/** Ids of one source that follow each other. */
interface Page<V> {
  readonly number: number;
  readonly values: (V | undefined)[];
  used: number;
}

interface Source<V> {
  readonly origin: string;
  readonly pages: Map<number, Page<V>>;
  /** The one that was used last. It stays when it is empty. */
  page: Page<V>;
}

/** Ids on a page, as a power of two: few, since one that stays keeps its page. */
const PAGE_BITS = 6;
const PAGE_LENGTH = 1 << PAGE_BITS;

/**
 * A table by ids, as a `Map` is, for many that come and go. Ids of one source are numbered, so what is
 * made together lies together: a `Map` of some thousands is read all over memory, and made anew again
 * and again by what comes and goes, with all that lies in it kept alive by the tables of before.
 *
 * @example
 * const table = new IdMap<CallRecord>();
 * table.set(call.id, call);
 */
export class IdMap<V extends object> {
  private readonly sources = new Map<string, Source<V>>();
  /** What does not come from an `idSource`. */
  private readonly others = new Map<string, V>();
  /** The source that was used last. */
  private last: Source<V> | undefined;
  private count = 0;

  get size(): number {
    return this.count + this.others.size;
  }

  /** Sources of which something is in it, or was lately. */
  get sourcesKept(): number {
    return this.sources.size;
  }

  get(id: string): V | undefined {
    const number = countOf(id);
    if (number === undefined) return this.others.get(id);
    return this.pageOf(id, number)?.values[number & (PAGE_LENGTH - 1)];
  }

  has(id: string): boolean {
    return this.get(id) !== undefined;
  }

  set(id: string, value: V): this {
    const number = countOf(id);
    if (number === undefined) {
      this.others.set(id, value);
      return this;
    }
    const page = this.pageOf(id, number) ?? this.addPage(id, number);
    const at = number & (PAGE_LENGTH - 1);
    if (page.values[at] === undefined) {
      page.used += 1;
      this.count += 1;
    }
    page.values[at] = value;
    return this;
  }

  /** Whether it was there. */
  delete(id: string): boolean {
    const number = countOf(id);
    if (number === undefined) return this.others.delete(id);
    const page = this.pageOf(id, number);
    const at = number & (PAGE_LENGTH - 1);
    if (page?.values[at] === undefined) return false;
    page.values[at] = undefined;
    page.used -= 1;
    this.count -= 1;
    return true;
  }

  /** Those of each source in the order of their ids, or nearly so. */
  *values(): Generator<V, void, undefined> {
    for (const { pages } of this.sources.values()) {
      for (const { values } of pages.values()) {
        for (const value of values) if (value !== undefined) yield value;
      }
    }
    yield* this.others.values();
  }

  private pageOf(id: string, number: number): Page<V> | undefined {
    const source = this.sourceOf(id);
    if (source === undefined) return undefined;
    const { page } = source;
    const wanted = number >>> PAGE_BITS;
    if (page.number === wanted) return page;
    const found = source.pages.get(wanted);
    if (found !== undefined) turnTo(source, found);
    return found;
  }

  private sourceOf(id: string): Source<V> | undefined {
    const { last } = this;
    if (last !== undefined && id.endsWith(last.origin)) return last;
    const found = this.sources.get(originOf(id));
    if (found !== undefined) this.last = found;
    return found;
  }

  private addPage(id: string, number: number): Page<V> {
    const page: Page<V> = {
      number: number >>> PAGE_BITS,
      values: new Array<V | undefined>(PAGE_LENGTH).fill(undefined),
      used: 0,
    };
    const source = this.sourceOf(id) ?? this.addSource(originOf(id), page);
    source.pages.set(page.number, page);
    turnTo(source, page);
    return page;
  }

  private addSource(origin: string, page: Page<V>): Source<V> {
    // Threads come and go, and with them their sources.
    for (const source of this.sources.values())
      if (isEmpty(source)) this.sources.delete(source.origin);
    const source = { origin, pages: new Map<number, Page<V>>(), page };
    this.sources.set(origin, source);
    this.last = source;
    return source;
  }
}

function turnTo<V>(source: Source<V>, page: Page<V>): void {
  const before = source.page;
  source.page = page;
  if (before.used === 0 && before !== page) source.pages.delete(before.number);
}

const isEmpty = ({ pages, page }: Source<unknown>): boolean => pages.size === 1 && page.used === 0;
