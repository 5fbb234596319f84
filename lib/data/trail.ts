/** Where the writer is, kept as a chain so that a path costs nothing until somebody asks for it. */
export interface Trail {
  readonly parent: Trail | undefined;
  /** One step, as it is printed: `.config`, `[3]`, `.get("a")`; the root's is the whole path. */
  readonly step: string | number;
}

const IDENTIFIER = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u;

/** How a property is written after the path of its object. */
export const propertyStep = (key: string): string =>
  IDENTIFIER.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;

/** Longer paths keep their ends: nobody reads 100,000 steps of `.next`. */
const MAX_STEPS = 24;

/** The path as people write it: `args[1].config.socket`. */
export function printTrail(trail: Trail): string {
  const steps: string[] = [];
  for (let at: Trail | undefined = trail; at; at = at.parent) {
    const { step } = at;
    steps.push(typeof step === 'number' ? `[${step}]` : step);
  }
  steps.reverse();
  if (steps.length <= MAX_STEPS) return steps.join('');
  const half = MAX_STEPS / 2;
  return `${steps.slice(0, half).join('')}…${steps.slice(-half).join('')}`;
}
