import type { SharedPart } from '../protocol/payload';
import { InternalError } from '../base/errors';
import { readBinary } from './binary';
import { type Graph, type Step, StepType, setKey } from './graph';
import type { Kind } from './kinds';
import { BinaryMark, KindMark, readSpecials } from './rich';

export type FindKind = (id: string) => Kind<unknown> | undefined;

/** Makes a value of its graph: carries out the steps in order. */
export function readGraph(
  graph: Graph,
  shared: readonly SharedPart[],
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
  for (const step of graph.steps) perform(step, values, kindOf);
  return graph.root[0];
}

function perform(step: Step, values: unknown[], kindOf: (special: number) => Kind<unknown>): void {
  switch (step[0]) {
    case StepType.Put:
      return setKey(step[1], step[2], step[3]);
    case StepType.Link:
      return setKey(step[1], step[2], values[step[3]]);
    case StepType.FillMap: {
      const [, map, entries] = step;
      for (let at = 0; at < entries.length; at += 2) map.set(entries[at], entries[at + 1]);
      return;
    }
    case StepType.FillSet:
      for (const item of step[2]) step[1].add(item);
      return;
    case StepType.Bare:
      Object.setPrototypeOf(step[1], null);
      return;
    case StepType.Make:
      values[step[1]] = kindOf(step[1]).decode(step[2][0]);
      return;
    case StepType.Fill:
      kindOf(step[1]).fill?.(values[step[1]], step[2][0]);
      return;
  }
}
