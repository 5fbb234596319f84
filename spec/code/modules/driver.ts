import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { buildSync } from 'esbuild';

const code = join(__dirname, '../../../lib/code');
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'rayx-spec-')));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));

// The rooms know their own folder by their depth below it.
mkdirSync(join(folder, 'code', 'modules'), { recursive: true });
/** What a driver uses, as plain JavaScript that child processes load under any compiler or none. */
const driver = join(folder, 'code', 'modules', 'driver.cjs');
buildSync({
  stdin: {
    contents: [
      'modules/entry-script',
      'modules/module-index',
      'modules/module-loader',
      'scopes/scripts',
      'scopes/inspector',
      'stacks/stack-mapper',
    ]
      .map((file) => `export * from '${code}/${file}';`)
      .join('\n'),
    resolveDir: __dirname,
  },
  outfile: driver,
  bundle: true,
  platform: 'node',
});

/** The flags that start each compiler. */
export const compilers = {
  none: [],
  'ts-node': ['-r', 'ts-node/register/transpile-only'],
  tsx: ['--import', 'tsx'],
} as const;

/** Runs a script that finds the driver's rooms at `process.env.DRIVER`. */
export function runDriver(
  compiler: keyof typeof compilers,
  script: string,
): Promise<{ stdout: string; stderr: string }> {
  const env = {
    PATH: process.env['PATH'],
    DRIVER: driver,
    TSX_TSCONFIG_PATH: join(__dirname, 'fixtures/texts/tsconfig.paths.json'),
  };
  return promisify(execFile)(process.execPath, [...compilers[compiler], script], { env });
}
