/** The way from the captured function to where a capture is, kept as a chain and printed on need. */
export interface Trail {
  readonly parent: Trail | undefined;
  readonly step: string;
}

export const childTrail = (parent: Trail | undefined, step: string): Trail => ({ parent, step });

const maxSteps = 16;

/** `work → db → socket`. */
export function printTrail(trail: Trail): string {
  const steps: string[] = [];
  for (let at: Trail | undefined = trail; at; at = at.parent) {
    if (at.step !== '') steps.push(at.step);
  }
  steps.reverse();
  if (steps.length > maxSteps) steps.splice(maxSteps / 2, steps.length - maxSteps, '…');
  return steps.join(' → ');
}

/** The first two steps: the function, and which of its variables led on. */
export function culpritOf(trail: Trail): string {
  const steps: Trail[] = [];
  for (let at: Trail | undefined = trail; at; at = at.parent) steps.push(at);
  return steps
    .reverse()
    .slice(0, 2)
    .map(({ step }) => step)
    .join(' → ');
}
