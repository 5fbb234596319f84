import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { workers, type Case, type SampledContender, type WholeContender } from './case';

/*
 * Ray itself as a contender: a Python process that does the cases of ray_cases.py.
 *
 * It reads a line per request, {"case": …, "size": …} to make ready or do the work of a case and then
 * {"seconds": …} for each slice, and answers each with a line {"figure": …}.
 */

/** The same from here and from where this file is compiled to. */
const script = join(__dirname, '../../../spec/bench/ray_cases.py');

/** Ray's version, or undefined where `python3` cannot import it. */
export function rayVersion(): string | undefined {
  const { status, stdout } = python(['-c', 'import ray; print(ray.__version__)']);
  return status === 0 ? stdout.trim() : undefined;
}

/** The cases that Ray has too, with Ray among their contenders. */
export function rayCasesOf(cases: readonly Case[]): Case[] {
  const known = JSON.parse(python([script, '--list']).stdout) as string[];
  return cases.flatMap((each): Case[] => {
    if (!known.includes(each.name)) return [each];
    return each.kind === 'sampled'
      ? [{ ...each, contenders: [...each.contenders, sampledRay(each.name)] }]
      : [{ ...each, contenders: [...each.contenders, wholeRay(each.name)] }];
  });
}

const contender = { name: 'Ray', settings: { num_cpus: workers } } as const;

function sampledRay(name: string): SampledContender {
  return {
    ...contender,
    async start(size) {
      const ray = new RayProcess();
      await ray.request({ case: name, size });
      return (ms) => ray.request({ seconds: ms / 1000 });
    },
  };
}

function wholeRay(name: string): WholeContender {
  return {
    ...contender,
    startsProcess: true,
    async run(size) {
      const ray = new RayProcess();
      const figure = await ray.request({ case: name, size });
      await endRay();
      return figure;
    },
  };
}

const running = new Set<RayProcess>();

/** Waits until nothing of Ray runs that was started here: it would disturb what comes next. */
export async function endRay(): Promise<void> {
  await Promise.all([...running].map((ray) => ray.end()));
  running.clear();
}

class RayProcess {
  readonly #child = spawn('python3', [script, `${workers}`], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  readonly #answers: AsyncIterator<string, undefined> = createInterface(this.#child.stdout)[
    Symbol.asyncIterator
  ]();

  constructor() {
    running.add(this);
  }

  async request(request: object): Promise<number> {
    this.#child.stdin.write(`${JSON.stringify(request)}\n`);
    const answer = await this.#answers.next();
    if (answer.done) throw new Error('ray_cases.py ended without an answer');
    return (JSON.parse(answer.value) as { figure: number }).figure;
  }

  end(): Promise<unknown> {
    const ended = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.stdin.end(); // ray_cases.py has read all then, shuts Ray down and ends
    return ended;
  }
}

function python(args: readonly string[]): { status: number | null; stdout: string } {
  return spawnSync('python3', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
}
