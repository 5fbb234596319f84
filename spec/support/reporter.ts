import { writeFileSync } from 'node:fs';
import { reporters, Runner, type MochaOptions } from 'mocha';

/** Environment variable with the file that gets the totals of a run as JSON, if anybody wants them. */
export const totalsVariable = 'SPEC_TOTALS';

/** The usual list of specs; at the end also writes mocha's own totals for whoever started the run. */
export default class TotalsReporter extends reporters.Spec {
  constructor(runner: Runner, options?: MochaOptions) {
    super(runner, options);
    const file = process.env[totalsVariable];
    if (file === undefined) return;
    runner.once(Runner.constants.EVENT_RUN_END, () => {
      const { passes, failures, pending } = this.stats;
      writeFileSync(file, JSON.stringify({ passes, failures, pending }));
    });
  }
}
