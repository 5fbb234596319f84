import { expect } from 'chai';
import { totalmem } from 'node:os';
import { InvalidOptionError } from '../../../lib/base/errors';
import { resolveInitOptions } from '../../../lib/base/options/init';
import { resolveRemoteOptions } from '../../../lib/base/options/remote';
import type { OptionPlace } from '../../../lib/base/options/option';
import { optionTable } from '../../../lib/base/options/table';
import { validateOptions } from '../../../lib/base/options/validate';

describe('options', () => {
  it('of init have defaults', () => {
    const options = resolveInitOptions({ numCpus: 3, memory: 5, objectStoreMemory: 7 });
    expect(options).to.deep.equal({
      numCpus: 3,
      resources: { GPU: 0, memory: 5 },
      objectStoreMemory: 7,
      mode: 'threads',
      logToDriver: true,
      recordCreationSites: false,
      maxThreads: 16,
      idleTimeout: 10_000,
    });
    expect(resolveInitOptions({ numCpus: 8 }).maxThreads).to.equal(32);
    expect(resolveInitOptions(undefined).numCpus).to.be.greaterThan(0);
    expect(resolveInitOptions(undefined).resources.memory).to.be.within(1, totalmem());
    expect(resolveInitOptions(undefined).objectStoreMemory).to.be.within(1, 0.3 * totalmem());
  });

  it('given as undefined count as left out', () => {
    expect(resolveInitOptions({ numCpus: 2, workerHeapMb: undefined } as object)).to.deep.equal(
      resolveInitOptions({ numCpus: 2 }),
    );
  });

  it('that are unknown are refused with the nearest and the valid ones', () => {
    const refused = (): void => validateOptions('init', { numCPUS: 2 }, 'init()');
    expect(refused).to.throw(
      InvalidOptionError,
      /^init\(\) has no option numCPUS\. Did you mean numCpus\? Valid options: numCpus, .*maxThreads/,
    );
    expect(() => validateOptions('get', { xyzzyx: 2 }, 'get()')).to.throw(
      InvalidOptionError,
      'get() has no option xyzzyx. Valid options: timeout, signal, copy.',
    );
  });

  it('that stand at the wrong place are unknown there', () => {
    expect(() => validateOptions('class', { maxRetries: 1 }, 'x')).to.throw(InvalidOptionError);
    expect(() =>
      validateOptions('getSync', { signal: new AbortController().signal }, 'x'),
    ).to.throw(InvalidOptionError);
  });

  it('that stand at the wrong place are sent to the right one', () => {
    const messages = [
      ['function', { maxRestarts: 1 }, 'remote classes. Valid options: '],
      ['class', { maxRetries: 1 }, 'remote functions. '],
      ['function', { logToDriver: false }, 'init(). Valid options: '],
      ['class', { numReturns: 2 }, 'remote functions, methods of actors and wait(). '],
    ] as const;
    for (const [place, given, text] of messages) {
      const [name] = Object.keys(given);
      expect(() => validateOptions(place, given, 'x()')).to.throw(
        InvalidOptionError,
        `x() has no option ${name}, which goes to ${text}`,
      );
    }
  });

  it('of the wrong type are shown, down to what is wrong in them, and not at any length', () => {
    const wrong = { runtimeEnv: { envVars: { PORT: 80 } } };
    expect(() => validateOptions('function', wrong, 'x()')).to.throw(
      'must be an object { envVars } of strings by name, not { envVars: { PORT: 80 } }',
    );
    expect(() => validateOptions('get', { timeout: 'x'.repeat(1e6) }, 'x()')).to.throw(/x{150}…$/);
  });

  it('must be an object', () => {
    for (const given of [null, 5, 'fast', [1], () => {}]) {
      expect(() => validateOptions('get', given, 'get()'), String(given)).to.throw(
        InvalidOptionError,
        'get() takes its options as an object',
      );
    }
  });

  const cases: readonly [OptionPlace, string, good: readonly unknown[], bad: readonly unknown[]][] =
    [
      ['init', 'numCpus', [1, 64], [0, -1, 1.5, NaN, '2', Infinity]],
      ['function', 'numCpus', [0, 0.5, 2, 0.0001], [-1, 0.00001, NaN, '1', Infinity]],
      [
        'init',
        'resources',
        [{}, { gpu: 2 }],
        [{ CPU: 1 }, { GPU: 1 }, { memory: 1 }, { gpu: -1 }, [], null, 'gpu'],
      ],
      ['class', 'resources', [{ gpu: 0.5 }], [{ gpu: '1' }, { gpu: 0.00001 }, { '': 1 }]],
      ['function', 'maxRetries', [0, 5, -1], [-2, 0.5, '1']],
      ['function', 'name', ['square'], ['', 5]],
      ['function', 'numReturns', [0, 1, 3000], [-1, 1.5, '2']],
      [
        'function',
        'retryExceptions',
        [true, [RangeError], () => true],
        [[], [5], [() => true], 'all', {}],
      ],
      ['method', 'retryDelay', [0, 1.5], [-1, Infinity, '5']],
      [
        'function',
        'runtimeEnv',
        [{}, { envVars: { A: 'b' } }],
        [{ envVars: { A: 1 } }, { envVars: ['A'] }, ['A'], 'A=b'],
      ],
      ['function', 'backpressure', [1, -1], [0, -2, 1.5]],
      ['function', 'timeout', [0, 1.5, Infinity], [-1, '5']],
      ['class', 'maxConcurrency', [1, 1000], [0, -1, Infinity]],
      ['class', 'concurrencyGroups', [{}, { io: 2 }], [{ io: 0 }, ['io'], 'io']],
      ['class', 'lifetime', ['detached', 'non_detached'], ['forever', true]],
      ['class', 'maxPendingCalls', [1, -1], [0, -2]],
      ['class', 'name', ['counter'], ['', 5]],
      ['init', 'logToDriver', [true, false], [0, 'no']],
      ['init', 'recordCreationSites', [true, false], [1, 'all']],
      ['init', 'ignoreReinitError', [true], [1]],
      ['init', 'maxThreads', [1], [0, 2.5]],
      ['init', 'idleTimeout', [0, 0.5, Infinity], [-1, '5']],
      ['init', 'workerHeapMb', [64], [0, -1, 'big']],
      ['init', 'onUnhandledError', [() => {}], ['log', {}]],
      ['get', 'timeout', [0, 1.5, Infinity], [-1, NaN, '5']],
      ['get', 'signal', [new AbortController().signal], [{ aborted: false }]],
      ['wait', 'numReturns', [1], [0, -1, 1.5]],
    ];
  for (const [place, name, good, bad] of cases) {
    it(`check ${name} of ${place}`, () => {
      for (const value of good) validateOptions(place, { [name]: value }, 'x()');
      for (const value of bad) {
        expect(() => validateOptions(place, { [name]: value }, 'x()'), String(value)).to.throw(
          InvalidOptionError,
          `x(): the option ${name} must be `,
        );
      }
    });
  }

  it('are all described', () => {
    for (const { name, doc, type } of optionTable) {
      expect(doc, name).to.match(/^[A-Z].*\.$/);
      expect(type, name).to.not.equal('');
    }
  });

  it('of a remote function merge over those of before', () => {
    const first = resolveRemoteOptions('function', { resources: { tpu: 1 }, name: 'a' }, 'x()');
    expect(first.given).to.deep.equal({ resources: { tpu: 1 }, name: 'a' });
    expect(first.resources).to.deep.equal({ CPU: 1, tpu: 1 });
    const second = resolveRemoteOptions('function', { numCpus: 2, maxRetries: 0 }, 'x()', first);
    expect(second.given).to.include({ name: 'a', maxRetries: 0 });
    expect(second.resources).to.deep.equal({ CPU: 2, tpu: 1 });
    const third = resolveRemoteOptions('function', { resources: {}, numGpus: 0.5 }, 'x()', first);
    expect(third.resources).to.deep.equal({ CPU: 1, GPU: 0.5 });
  });

  it('that concern all calls together are refused for a single one', () => {
    const first = resolveRemoteOptions('function', { maxCalls: 1 }, 'x()');
    expect(() => resolveRemoteOptions('function', { maxCalls: 2 }, 'x.options()', first)).to.throw(
      InvalidOptionError,
      'x.options(): the option maxCalls concerns all calls together: give it to remote() instead',
    );
  });

  it('refuse variables that threads cannot have, with the reason', () => {
    const given = { runtimeEnv: { envVars: { TZ: 'UTC' } } };
    expect(() => resolveRemoteOptions('function', given, 'x()')).to.throw(
      InvalidOptionError,
      'x(): runtimeEnv: TZ is read once for the whole process, so a thread cannot have its own',
    );
    expect(() => validateOptions('function', { runtimeEnv: { cwd: '/' } }, 'x()')).to.throw(
      InvalidOptionError,
      'x(): runtimeEnv: cwd: all threads of a process share one working directory',
    );
  });

  it('refuse what only processes can have of their own, with the reason', () => {
    const reasons = [
      [{ workingDir: '/' }, 'workingDir: all threads of a process share one working directory'],
      [{ working_dir: '/' }, 'working_dir: all threads of a process share one working directory'],
      [{ env_vars: { A: 'b' } }, 'env_vars: there is no such key. Did you mean envVars?'],
      [{ pip: ['numpy'] }, 'pip: threads share the packages and files of their process'],
      [{ conda: 'x' }, 'conda: threads share the packages and files of their process'],
    ] as const;
    for (const [runtimeEnv, reason] of reasons) {
      expect(() => validateOptions('function', { runtimeEnv }, 'x()')).to.throw(
        InvalidOptionError,
        `x(): runtimeEnv: ${reason}`,
      );
    }
  });

  it('refuse an asynchronous rule of retries, whose promise would always count as yes', () => {
    const given = { retryExceptions: async () => false };
    expect(() => validateOptions('function', given, 'x()')).to.throw(
      InvalidOptionError,
      'x(): retryExceptions: an async function answers with a promise',
    );
  });

  it('say what they need beside them', () => {
    expect(() => resolveRemoteOptions('class', { getIfExists: true }, 'x()')).to.throw(
      InvalidOptionError,
      'x(): the option getIfExists needs a name to look for',
    );
    const given = { methods: { add: { maxTaskRetrys: 1 } } } as object;
    expect(() => resolveRemoteOptions('class', given, 'x()')).to.throw(
      InvalidOptionError,
      'x(), the methods option for add has no option maxTaskRetrys. Did you mean maxTaskRetries?',
    );
  });

  it('of a remote class say nothing of CPUs unless it was said', () => {
    expect(resolveRemoteOptions('class', undefined, 'x()').resources).to.deep.equal({});
    expect(resolveRemoteOptions('class', { numCpus: 0 }, 'x()').resources).to.deep.equal({
      CPU: 0,
    });
  });
});
