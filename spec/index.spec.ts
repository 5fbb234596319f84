import { expect } from 'chai';
import { execFileSync } from 'node:child_process';
import * as rayx from 'rayx';

const names = [
  'ActorAlreadyExistsError',
  'ActorDiedError',
  'ActorError',
  'ActorNotFoundError',
  'ActorPool',
  'ActorUnavailableError',
  'CaptureError',
  'DeadlockError',
  'GetTimeoutError',
  'InlineBlockingError',
  'InternalError',
  'InvalidArgumentError',
  'InvalidCallError',
  'InvalidOptionError',
  'ObjectLostError',
  'ObjectRef',
  'ObjectStoreFullError',
  'OutOfDiskError',
  'OutOfMemoryError',
  'PendingCallsLimitExceededError',
  'Pool',
  'Queue',
  'QueueEmptyError',
  'QueueFullError',
  'RayError',
  'RuntimeFailedError',
  'SerializationError',
  'ShutdownError',
  'StreamRef',
  'TaskCancelledError',
  'TaskError',
  'TaskTimeoutError',
  'WorkerCrashedError',
  'allocate',
  'asCompleted',
  'availableResources',
  'cancel',
  'clusterResources',
  'completed',
  'exitActor',
  'explain',
  'free',
  'fromRef',
  'get',
  'getActor',
  'getRuntimeContext',
  'getSync',
  'init',
  'inspectSerializable',
  'isInitialized',
  'kill',
  'listNamedActors',
  'listObjects',
  'mapRemote',
  'nodes',
  'progress',
  'put',
  'registerClass',
  'remote',
  'shutdown',
  'values',
  'wait',
];

/** What a fresh Node prints when it runs `script` as an ES module. */
const printed = (script: string): string =>
  execFileSync(process.execPath, ['--input-type=module', '--eval', script], {
    cwd: __dirname,
    encoding: 'utf8',
  }).trim();

describe('the package', () => {
  it('exports what is written here, and nothing else', () => {
    expect(Object.keys(rayx).sort()).to.deep.equal(names);
  });

  it('has functions and classes with the names that they are exported under', () => {
    const named = Object.entries(rayx).filter(([, value]) => typeof value === 'function');
    expect(named.map(([, { name }]) => name)).to.deep.equal(named.map(([name]) => name));
  });

  it('shows its names to ES modules', () => {
    const imported = printed(`import * as rayx from 'rayx';
      console.log(Object.keys(rayx).filter((name) => !/^(default|__esModule|module.exports)$/.test(name)).sort().join());`);
    expect(imported.split(',')).to.deep.equal(names);
  });

  it('loads neither rxjs nor superjson nor a parser when it is imported, and starts nothing', () => {
    const loaded = printed(`import { createRequire } from 'node:module';
      import 'rayx';
      const { cache } = createRequire(import.meta.url);
      const heavy = /node_modules.(rxjs|superjson|acorn|eslint-scope|nact)\\b/;
      console.log(Object.keys(cache).filter((file) => heavy.test(file)).length);
      console.log(process.getActiveResourcesInfo().filter((name) => /Worker|Message|Timeout/.test(name)).length);`);
    expect(loaded).to.equal('0\n0');
  });
});
