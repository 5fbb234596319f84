import { InternalError } from '../base/errors';
import type { ObjectId } from '../base/ids';
import type { EncodedValue } from '../protocol/payload';
import { readBinary } from './binary';
import { type Box, type Container, type Graph, type Key, StepType, setKey } from './graph';
import type { DecodeSource, Kind } from './kinds';
import { BinaryMark, KindMark, readSpecials } from './rich';

export type FindKind = (id: string) => Kind<unknown> | undefined;

/** Makes a value of its graph, and of what stands beside it in its payload: carries out the steps in order. */
export function readGraph(
  graph: Graph,
  { shared = [], refs = [] }: Pick<EncodedValue, 'shared' | 'refs'>,
  findKind: FindKind,
  copy = false,
): unknown {
  const binary = graph.binary ? readBinary(graph.binary, shared, copy) : [];
  const marks = readSpecials(graph.specials);
  const values = marks.map((mark): unknown =>
    mark instanceof BinaryMark ? binary[mark.number] : mark,
  );
  const kindOf = (special: number): Kind<unknown> => {
    const { kind: id } = marks[special] as KindMark;
    const kind = findKind(id);
    if (!kind)
      throw new InternalError(`a value of kind ${id} came to a thread that has no such kind`);
    return kind;
  };
  const source: DecodeSource = { ref: (place) => refs[place] as ObjectId };
  const steps = new Steps(graph.steps, values, kindOf, source);
  while (steps.perform());
  return graph.root[0];
}

/** Carries out steps, each with what stands behind it. */
class Steps {
  private at = 0;

  constructor(
    private readonly list: readonly unknown[],
    private readonly values: unknown[],
    private readonly kindOf: (special: number) => Kind<unknown>,
    private readonly source: DecodeSource,
  ) {}

  /** Carries out the next one; answers whether there was one. */
  perform(): boolean {
    if (this.at === this.list.length) return false;
    switch (this.next<StepType>()) {
      case StepType.Put:
        setKey(this.next(), this.next(), this.next());
        break;
      case StepType.Link:
        setKey(this.next(), this.next(), this.values[this.next<number>()]);
        break;
      case StepType.FillMap: {
        const map = this.next<Map<unknown, unknown>>();
        const entries = this.next<unknown[]>();
        for (let at = 0; at < entries.length; at += 2) map.set(entries[at], entries[at + 1]);
        break;
      }
      case StepType.FillSet: {
        const set = this.next<Set<unknown>>();
        for (const item of this.next<unknown[]>()) set.add(item);
        break;
      }
      case StepType.Bare:
        Object.setPrototypeOf(this.next(), null);
        break;
      case StepType.Make:
        this.make(this.next(), this.next(), this.next(), this.next());
        break;
      case StepType.MakeOfBox:
        this.make(this.next(), this.next(), this.next(), this.next<Box>()[0]);
        break;
      case StepType.Fill: {
        const special = this.next<number>();
        this.kindOf(special).fill?.(this.values[special], this.next<Box>()[0]);
        break;
      }
    }
    return true;
  }

  private make(container: Container, key: Key, special: number, data: unknown): void {
    const value = this.kindOf(special).decode(data, this.source);
    this.values[special] = value;
    setKey(container, key, value);
  }

  private next<T>(): T {
    return this.list[this.at++] as T;
  }
}
