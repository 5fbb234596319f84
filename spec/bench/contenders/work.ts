/*
 * What all pools do; a file of its own because most of them want their functions in one.
 */

export const echo = (value: number): number => value;

export const ends = (bytes: Uint8Array): number => (bytes[0] ?? NaN) + (bytes.at(-1) ?? NaN);

/** Keeps a CPU busy for so many steps. */
export function burn(steps: number): number {
  let state = 1;
  for (let i = 0; i < steps; i += 1) state = (Math.imul(state, 1664525) + 1013904223) | 0;
  return state;
}

/** Steps of `burn` that take about so many milliseconds on this machine. */
export function stepsOf(ms: number): number {
  const trial = 2e7;
  burn(trial); // compiled by now
  const start = performance.now();
  burn(trial);
  return Math.round((trial * ms) / (performance.now() - start));
}
