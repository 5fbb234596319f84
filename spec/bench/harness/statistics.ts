/** The middle value, or the mean of the two middle ones. */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError('there is no median of nothing');
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  const upper = sorted[half] as number;
  return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] as number) + upper) / 2;
}

/** The order in which `count` contenders take their turns in a round: each round another one begins. */
export function turnsOf(count: number, round: number): number[] {
  return Array.from({ length: count }, (_, turn) => (turn + round) % count);
}

/** Lets contenders take turns for some rounds; answers with each one's figures, round by round. */
export async function inTurns(
  count: number,
  rounds: number,
  turn: (contender: number) => Promise<number>,
): Promise<number[][]> {
  const figures = Array.from({ length: count }, (): number[] => []);
  for (let round = 0; round < rounds; round += 1) {
    for (const contender of turnsOf(count, round)) {
      figures[contender]?.push(await turn(contender));
    }
  }
  return figures;
}
