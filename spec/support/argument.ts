import { UsageError } from './command';

/** The positive integer behind `--name` on the command line. @throws UsageError */
export function argument(name: string, otherwise: number): number {
  const at = process.argv.indexOf(`--${name}`);
  const value = at < 0 ? otherwise : Number(process.argv[at + 1]);
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new UsageError(
    `--${name} takes a positive integer, not ${process.argv[at + 1] ?? 'nothing'}`,
  );
}
