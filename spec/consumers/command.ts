import { spawn } from 'node:child_process';

/** How a program ended and what it wrote. */
export interface Outcome {
  /** Exit code; the name of the signal if one ended the program. */
  readonly status: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  readonly cwd: string;
  /** Milliseconds until the program is ended; default one minute. */
  readonly timeout?: number;
  /** Variables beside those of this process. */
  readonly env?: NodeJS.ProcessEnv;
}

/** Runs a program to its end, without the settings the specs themselves run under. */
export function run(
  program: string,
  args: readonly string[],
  { cwd, timeout = 60_000, env: more = {} }: CommandOptions,
): Promise<Outcome> {
  const env = { ...process.env, ...more };
  delete env['NODE_OPTIONS'];
  // npm is a script on Windows, which only a shell can start.
  const shell = process.platform === 'win32' && program === 'npm';
  const child = spawn(program, args, {
    cwd,
    env,
    timeout,
    shell,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      resolve({ status: code ?? signal ?? 'unknown', ...output });
    });
  });
}

/** Runs npm; throws with `purpose` and the end of what npm wrote if it fails. */
export async function npm(
  purpose: string,
  args: readonly string[],
  options: CommandOptions,
): Promise<string> {
  const { status, stdout, stderr } = await run('npm', args, { timeout: 300_000, ...options });
  if (status === 0) return stdout;
  const reason = `${stderr}\n${stdout}`.trim().split('\n').slice(-12).join('\n');
  throw new Error(
    `could not ${purpose}: npm ${args.join(' ')} ended with ${status}. ` +
      `If the package registry cannot be reached from here, run the specs where it can.\n${reason}`,
  );
}
