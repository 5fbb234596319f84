import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { ActorDiedError, get, init, RayError, remote, shutdown, TaskError } from 'rayx';
import type { InitOptions } from 'rayx';
import { rejection } from './support';

class HttpError extends Error {
  constructor(
    message: string,
    readonly status: number,
  ) {
    super(message);
  }
  get missing(): boolean {
    return this.status === 404;
  }
}

const fetchPage = remote(function fetchPage(): never {
  throw new HttpError('no such page', 404);
});

/** Where this file first says something. */
function lineOf(text: string): number {
  const lines = readFileSync(__filename, 'utf8').split('\n');
  return lines.findIndex((line) => line.includes(text)) + 1;
}

describe('what get throws', function () {
  this.timeout(20_000);
  before(() => init({ numCpus: 2 }));
  after(() => shutdown());

  it('is a TaskError and an instance of the class of the script', async () => {
    const error = (await rejection(get(fetchPage.remote()))) as HttpError;
    expect(error).to.be.instanceOf(TaskError).and.instanceOf(HttpError).and.instanceOf(RayError);
    expect(error.constructor).to.equal(TaskError);
    expect(error).to.include({
      name: 'TaskError',
      code: 'TASK_FAILED',
      status: 404,
      missing: true,
    });
    expect(error.cause).to.be.instanceOf(HttpError).and.include({ status: 404, missing: true });
  });

  it('shows the line that threw, then the line that called', async () => {
    const error = await rejection(get(fetchPage.remote()));
    const lines = (error.stack ?? '').split('\n');
    expect(lines[0]).to.match(/^TaskError: fetchPage failed: .*no such page$/);
    expect(lines[1]).to.match(/at fetchPage .*errors\.spec\.ts:\d+:\d+\)$/);
    expect(lines[1]).to.contain(`errors.spec.ts:${lineOf('throw new HttpError')}:`);
    const joint = lines.indexOf('  submitted at');
    expect(lines[joint + 1]).to.match(/errors\.spec\.ts:\d+:\d+/);
    expect(error.stack).to.not.contain('?rayx');
  });

  it('shows lines as written for errors inside errors, and for errors that are values', async () => {
    const inner = remote(() => {
      const error = new TypeError('inner');
      return { error, all: new AggregateError([error], 'all') };
    });
    const { error, all } = await get(inner.remote());
    const here = `errors.spec.ts:${lineOf("new TypeError('inner')")}:`;
    for (const { stack = '' } of [error, all.errors[0] as Error]) {
      expect(stack.split('\n')[1]).to.contain(here);
      expect(stack).to.not.contain('?rayx');
    }
  });

  it('shows lines as written through tasks in between', async () => {
    const outer = remote(async () => get(fetchPage.remote()));
    const { stack = '' } = await rejection(get(outer.remote()));
    expect(stack).to.contain(`errors.spec.ts:${lineOf('throw new HttpError')}:`);
    expect(stack).to.contain(`errors.spec.ts:${lineOf('const outer = remote')}:`);
    expect(stack).to.not.contain('rayx:');
  });

  it('arrives though it is no Error, or cannot be sent whole', async () => {
    const throwText = remote((): never => {
      throw 'just text';
    });
    expect(await rejection(get(throwText.remote()))).to.include({ cause: 'just text' });
    const throwOdd = remote((): never => {
      throw Object.assign(new Error('odd'), { socket: new WeakRef({}) });
    });
    const odd = await rejection(get(throwOdd.remote()));
    expect(odd).to.be.instanceOf(TaskError);
    expect(odd.message).to.contain('odd');
  });

  it('keeps its class through tasks in between', async () => {
    const outer = remote(async function outer() {
      return get(fetchPage.remote());
    });
    const error = await rejection(get(outer.remote()));
    expect(error).to.be.instanceOf(HttpError).and.include({ task: 'outer', status: 404 });
    expect(error.cause).to.be.instanceOf(TaskError).and.include({ task: 'fetchPage' });
  });
});

describe('a failure nobody looked at', function () {
  this.timeout(20_000);
  afterEach(() => shutdown());

  const reports: RayError[] = [];
  const options: InitOptions = { numCpus: 1, onUnhandledError: (error) => reports.push(error) };
  const boom = remote(function boom(): never {
    throw new RangeError('boom');
  });
  const settled = remote(async () => {});

  beforeEach(() => void reports.splice(0));

  it('is reported once, at shutdown at the latest', async () => {
    await init(options);
    const ref = boom.remote();
    await get(settled.remote());
    await shutdown();
    expect(reports).to.have.length(1);
    expect(reports[0]).to.be.instanceOf(RangeError).and.include({ task: 'boom' });
    expect(reports[0]?.stack).to.match(/submitted at\n.*errors\.spec\.ts/);
    expect(ref.id).to.be.a('string');
  });

  it('of a constructor is reported once, however many calls failed by it, and says why', async () => {
    class Broken {
      constructor() {
        throw new RangeError('no luck');
      }
      touch(): void {}
    }
    await init(options);
    const broken = remote(Broken).remote();
    const touched = [broken.touch.remote(), broken.touch.remote()];
    // On the one CPU this runs after the constructor.
    await get(settled.remote());
    await shutdown();
    expect(reports).to.have.length(1);
    expect(reports[0]).to.be.instanceOf(ActorDiedError);
    expect(reports[0]?.stack).to.not.match(/lib[\\/]client|dist[\\/]client/);
    expect(reports[0]?.cause).to.be.instanceOf(RangeError);
    expect(touched).to.have.length(2);
  });

  it('is not reported when somebody looked: at it, or at what depends on it', async () => {
    await init(options);
    const ref = boom.remote();
    await rejection(get(ref));
    const dependant = remote((value: unknown) => value).remote(boom.remote());
    await rejection(get(dependant));
    await shutdown();
    expect(reports).to.deep.equal([]);
  });
});
