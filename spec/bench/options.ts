import { parseArgs } from 'node:util';
import { UsageError } from '../support/command';

export interface BenchOptions {
  readonly help: boolean;
  /** Groups to run; all if none is named. */
  readonly groups: readonly string[];
  readonly quick: boolean;
  readonly ray: boolean;
  readonly updateDocs: boolean;
  /** File to write the results to; charts go beside it. */
  readonly json: string | undefined;
  /** File with results of an earlier run, to be shown instead of running anything. */
  readonly from: string | undefined;
}

export function usage(groups: readonly string[]): string {
  return `npm run bench -- [group …] [options]

Groups: ${groups.join(', ')}; all if none is named.

  --quick         short rounds and small sizes, to see whether everything runs
  --ray           Ray as a contender, where python3 can import it
  --json FILE     write the results there and the charts beside it;
                  default bench-results/full.json, or last.json unless all groups ran in full
  --from FILE     show results that were written before, and run nothing
  --update-docs   put results of all groups into docs/performance.md
  --help          show this
`;
}

/** @throws UsageError */
export function parseOptions(args: readonly string[], known: readonly string[]): BenchOptions {
  const { values, positionals } = parse(args);
  const unknown = positionals.filter((group) => !known.includes(group));
  if (unknown.length > 0) {
    throw new UsageError(`no such group: ${unknown.join(', ')}. There are: ${known.join(', ')}`);
  }
  const all = known.every((group) => positionals.length === 0 || positionals.includes(group));
  if (values['update-docs'] && (values.quick || !all)) {
    throw new UsageError('--update-docs takes a full run of all groups: no --quick, no names');
  }
  const forRuns = values.quick || values.ray || values.json !== undefined || positionals.length > 0;
  if (values.from !== undefined && forRuns) {
    throw new UsageError('--from runs nothing: no --quick, no --ray, no --json, no names');
  }
  return {
    help: values.help,
    groups: known.filter((group) => positionals.length === 0 || positionals.includes(group)),
    quick: values.quick,
    ray: values.ray,
    updateDocs: values['update-docs'],
    json: values.json,
    from: values.from,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        help: { type: 'boolean', default: false },
        quick: { type: 'boolean', default: false },
        ray: { type: 'boolean', default: false },
        'update-docs': { type: 'boolean', default: false },
        json: { type: 'string' },
        from: { type: 'string' },
      },
    });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}
