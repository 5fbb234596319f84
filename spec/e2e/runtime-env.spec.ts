import { expect } from 'chai';
import { get, getRuntimeContext, init, InvalidOptionError, remote, shutdown } from 'rayx';

describe('runtimeEnv', function () {
  this.timeout(30_000);
  before(() => {
    process.env.RAYX_SPEC_BASE = 'base';
    return init({ numCpus: 2 });
  });
  after(() => {
    delete process.env.RAYX_SPEC_BASE;
    return shutdown();
  });

  const see = remote(() => [process.env.RAYX_SPEC_BASE, process.env.RAYX_SPEC_COLOUR] as const);
  const withColour = (colour: string) => ({
    runtimeEnv: { envVars: { RAYX_SPEC_COLOUR: colour } },
  });

  it('gives calls variables over those of the process, and shows them to no others', async () => {
    const calls = Array.from({ length: 30 }, (_, at) => {
      const colour = [undefined, 'red', 'blue'][at % 3];
      const fn = colour === undefined ? see : see.options(withColour(colour));
      return fn.remote();
    });
    const seen = await get(calls);
    for (const [at, pair] of seen.entries()) {
      expect(pair).to.deep.equal(['base', [undefined, 'red', 'blue'][at % 3]]);
    }
    expect(process.env.RAYX_SPEC_COLOUR).to.equal(undefined);
  });

  it('covers variables of the process', async () => {
    const fn = see.options({ runtimeEnv: { envVars: { RAYX_SPEC_BASE: 'other' } } });
    expect(await get(fn.remote())).to.deep.equal(['other', undefined]);
    expect(await get(see.remote())).to.deep.equal(['base', undefined]);
  });

  it('keeps threads for calls with the same variables', async () => {
    const where = remote(() => getRuntimeContext().workerId, withColour('green'));
    const again = remote(() => getRuntimeContext().workerId, withColour('green'));
    expect(await get(where.remote())).to.equal(await get(again.remote()));
  });

  it('is not handed down to calls further in', async () => {
    const outer = remote(() => get(see.remote()), withColour('red'));
    expect(await get(outer.remote())).to.deep.equal(['base', undefined]);
  });

  it('is there for instances, constructor included', async () => {
    class Painter {
      readonly first = process.env.RAYX_SPEC_COLOUR;
      colours() {
        return [this.first, process.env.RAYX_SPEC_COLOUR];
      }
    }
    const painter = remote(Painter, withColour('blue')).remote();
    expect(await get(painter.colours.remote())).to.deep.equal(['blue', 'blue']);
  });

  it('refuses what threads cannot have, with the reason', () => {
    const refused: readonly [object, string][] = [
      [{ envVars: { TZ: 'UTC' } }, 'runtimeEnv: TZ is read once for the whole process'],
      [{ envVars: { UV_THREADPOOL_SIZE: '8' } }, 'runtimeEnv: UV_THREADPOOL_SIZE is read once'],
      [{ envVars: { NODE_OPTIONS: '' } }, 'runtimeEnv: NODE_OPTIONS is read once'],
      [{ cwd: '/' }, 'runtimeEnv: cwd: all threads of a process share one working directory'],
      [{ workingDir: '/' }, 'runtimeEnv: workingDir: all threads of a process share one'],
      [{ pip: ['numpy'] }, 'runtimeEnv: pip: threads share the packages and files'],
    ];
    for (const [runtimeEnv, message] of refused) {
      expect(() => see.options({ runtimeEnv })).to.throw(InvalidOptionError, message);
    }
  });
});

describe('runtimeEnv with few threads', function () {
  this.timeout(30_000);
  afterEach(() => shutdown());

  it('takes turns where there may be no more threads', async () => {
    await init({ numCpus: 1, maxThreads: 1 });
    const see = remote(() => process.env.RAYX_SPEC_COLOUR);
    const colours = ['red', undefined, 'blue', 'red', undefined];
    for (const colour of colours) {
      const envVars = colour === undefined ? {} : { RAYX_SPEC_COLOUR: colour };
      expect(await get(see.options({ runtimeEnv: { envVars } }).remote())).to.equal(colour);
    }
  });

  it('does not hang when calls of one environment wait for those of another', async () => {
    await init({ numCpus: 1, maxThreads: 1 });
    const down = remote(async (depth: number): Promise<string> => {
      const seen = process.env.RAYX_SPEC_DEPTH ?? '-';
      if (depth === 0) return seen;
      const envVars = depth % 2 === 0 ? {} : { RAYX_SPEC_DEPTH: 'odd' };
      return seen + (await get(down.options({ runtimeEnv: { envVars } }).remote(depth - 1)));
    });
    expect(await get(down.remote(6))).to.equal('--odd-odd-odd');
  });
});
