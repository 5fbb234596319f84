import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { ActorDiedError, get, init, remote, shutdown, TaskError, WorkerCrashedError } from 'rayx';
import { run } from '../consumers/command';
import { repository } from '../support/source-tree';
import { ScriptFolder } from './script';
import { errorOf } from './timing';

class Refused extends Error {
  readonly #reason: string;
  readonly code = 'E_REFUSED';
  constructor(reason: string) {
    super(`refused: ${reason}`);
    this.#reason = reason;
  }
  get reason(): string {
    return this.#reason;
  }
}

const refuse = remote(function refuse(): number {
  throw new Refused('too late');
});

describe('a failure', function () {
  this.timeout(20_000);
  before(() => init({ numCpus: 2 }));
  after(() => shutdown());

  it('has what getters read from private fields, on itself and its cause', async () => {
    const error = await errorOf(() => get(refuse.remote()));
    expect(error).to.be.instanceOf(Refused).and.include({
      reason: 'too late',
      code: 'TASK_FAILED',
    });
    expect(error.cause).to.be.instanceOf(Refused).and.include({
      reason: 'too late',
      code: 'E_REFUSED',
    });
  });

  it('leaves the built-in classes alone', async () => {
    const error = await errorOf(() => get(refuse.remote()));
    expect(error).to.be.instanceOf(TaskError).and.instanceOf(Error);
    expect(error).to.not.be.instanceOf(RangeError);
    for (const own of [new Error('own'), new RangeError('own'), new Refused('own')]) {
      expect(own).to.not.be.instanceOf(TaskError);
    }
  });

  it('keeps what depends on it from running, however far away', async () => {
    class Runs {
      #count = 0;
      count(): number {
        return this.#count++;
      }
    }
    const runs = remote(Runs).remote();
    const next = remote(async function next(x: number) {
      return x + (await get(runs.count.remote()));
    });
    const error = await errorOf(() => get(next.remote(next.remote(refuse.remote()))));
    expect(error).to.be.instanceOf(Refused).and.include({ task: 'next', dependency: 'next' });
    expect(error.cause).to.be.instanceOf(Refused).and.include({ dependency: 'refuse' });
    expect((error.cause as Error).cause)
      .to.be.instanceOf(Refused)
      .and.include({ task: 'refuse' });
    expect(await get(runs.count.remote())).to.equal(0);
  });

  it('of the runtime is the cause of what depends on it', async () => {
    const quit = remote(function quit(): number {
      return process.exit(2);
    });
    const half = remote((x: number) => x / 2, { name: 'half' });
    const error = await errorOf(() => get(half.remote(quit.options({ maxRetries: 0 }).remote())));
    expect(error).to.be.instanceOf(TaskError).and.include({ task: 'half', dependency: 'quit' });
    expect(error.cause).to.be.instanceOf(WorkerCrashedError);
  });

  it('keeps an actor from being made, and a method from being called', async () => {
    class Counter {
      #value: number;
      constructor(start: number) {
        this.#value = start;
      }
      add(x: number): number {
        return (this.#value += x);
      }
    }
    const RemoteCounter = remote(Counter);
    const never = RemoteCounter.remote(refuse.remote());
    expect(await errorOf(() => get(never.add.remote(1)))).to.be.instanceOf(ActorDiedError);
    const counter = RemoteCounter.remote(1);
    const error = await errorOf(() => get(counter.add.remote(refuse.remote())));
    expect(error).to.be.instanceOf(Refused).and.include({ dependency: 'refuse' });
    expect(await get(counter.add.remote(1))).to.equal(2);
  });
});

describe('a failure in a compiled script', function () {
  this.timeout(30_000);
  let folder: ScriptFolder;
  before(() => (folder = new ScriptFolder()));
  after(() => folder.remove());

  before(() => {
    const compilerOptions = { target: 'es2022', module: 'nodenext', moduleResolution: 'nodenext' };
    folder.write('tsconfig.json', JSON.stringify({ compilerOptions }));
  });

  const modules = join(repository, 'node_modules');
  const compilers = {
    'ts-node': [join(modules, 'ts-node/dist/bin.js'), '--transpile-only'],
    tsx: [join(modules, 'tsx/dist/cli.mjs')],
  };
  for (const [name, command] of Object.entries(compilers)) {
    it(`shows the lines as written, of the throw and of each call: ${name}`, async () => {
      const file = folder.write(`${name}.ts`, compiledScript);
      const lines = readFileSync(file, 'utf8').split('\n');
      const line = (mark: string) => lines.findIndex((text) => text.includes(`// ${mark}`)) + 1;
      const { stdout, stderr, status } = await run(process.execPath, [...command, file], {
        cwd: join(file, '..'),
        timeout: 20_000,
      });
      expect({ status, stderr }, stdout).to.deep.equal({ status: 0, stderr: '' });
      const places = [...stdout.matchAll(new RegExp(`${name}\\.ts:(\\d+)`, 'g'))];
      const shown = places.map(([, number]) => Number(number));
      // The throw, then where the inner call was made, then where the outer one was.
      expect(shown[0]).to.equal(line('throws'));
      expect(shown).to.include.members([line('inner call'), line('outer call')]);
      expect(shown.every((number) => number <= lines.length)).to.equal(true);
      expect(stdout)
        .to.match(/submitted at/)
        .and.not.match(/\?rayx/);
    });
  }
});

/** Types before the code, so that compiled lines are others than written ones. */
const compiledScript = `
import { get, remote } from 'rayx';

interface Options {
  readonly name: string;
  readonly size: number;
}
type Sizes = Record<string, Options>;

const sizes: Sizes = {};

const inner = remote(function inner(name: string): number {
  const found: Options | undefined = sizes[name];
  if (!found) {
    throw new RangeError(name); // throws
  }
  return found.size;
});

interface Unused {
  readonly x: number;
}

const outer = remote(async function outer(name: string): Promise<number> {
  return get(inner.remote(name)); // inner call
});

async function main(): Promise<void> {
  const ref = outer.remote('nobody'); // outer call
  await get(ref).catch((error: Error) => console.log(error.stack));
}

void main();
`;
