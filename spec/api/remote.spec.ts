import { expect } from 'chai';
import { inspect } from 'node:util';
import {
  get,
  getRuntimeContext,
  init,
  InvalidArgumentError,
  InvalidCallError,
  InvalidOptionError,
  isInitialized,
  ObjectRef,
  remote,
  shutdown,
} from 'rayx';
import { rejection } from './support';

const square = remote(function square(x: number) {
  return x * x;
});

describe('remote functions', function () {
  this.timeout(20_000);
  before(() => init({ numCpus: 2 }));
  after(() => shutdown());

  it('answer at once with a ref that prints its id', () => {
    const ref = square.remote(3);
    expect(ref).to.be.instanceOf(ObjectRef);
    expect(String(ref)).to.match(/^ObjectRef\([0-9a-f]{8}…\)$/);
    expect(inspect({ ref })).to.equal(`{ ref: ${String(ref)} }`);
    expect(ref).to.not.have.property('then');
  });

  it('may be functions, arrows and async functions', async () => {
    const arrow = remote((x: number) => x + 1);
    const slow = remote(async (x: number) => {
      await Promise.resolve();
      return x + 2;
    });
    expect(await get([square.remote(3), arrow.remote(3), slow.remote(3)])).to.deep.equal([9, 4, 5]);
  });

  it('take refs for values at the top level, and leave nested refs as refs', async () => {
    const total = remote(
      async (first: number, rest: ObjectRef<number>[], { last }: { last: ObjectRef<number> }) => {
        const values = await get([...rest, last]);
        return values.reduce((sum, value) => sum + value, first);
      },
    );
    const refs = [1, 2, 3].map((x) => square.remote(x));
    const [one, two, three] = refs as [ObjectRef<number>, ObjectRef<number>, ObjectRef<number>];
    expect(await get(total.remote(one, [two], { last: three }))).to.equal(14);
  });

  it('run in another thread, by their own name', async () => {
    const where = remote(function where() {
      return getRuntimeContext();
    });
    const ref = where.remote();
    const context = await get(ref);
    const here = getRuntimeContext();
    expect(context.nodeId).to.equal(here.nodeId);
    expect(context.workerId).to.not.equal(here.workerId);
    expect(context).to.include({ taskId: ref.id, taskName: 'where', attempt: 1 });
    expect(here).to.not.have.property('taskId');
    const named = await get(where.options({ name: 'elsewhere' }).remote());
    expect(named.taskName).to.equal('elsewhere');
  });

  it('take another name for a call of a method too', async () => {
    class Where {
      name() {
        return getRuntimeContext().taskName;
      }
    }
    const handle = remote(Where).remote();
    expect(await get(handle.name.remote())).to.equal('Where.name');
    expect(await get(handle.name.options({ name: 'elsewhere' }).remote())).to.equal('elsewhere');
  });

  it('know the runtime they run in, and cannot end it', async () => {
    const inside = remote(async () => {
      const { nodeId } = await init({ numCpus: 1 });
      const refusal: unknown = await shutdown().catch((error: unknown) => error);
      return { nodeId, running: isInitialized(), refusal };
    });
    const { nodeId, running, refusal } = await get(inside.remote());
    expect({ nodeId, running }).to.deep.equal({
      nodeId: getRuntimeContext().nodeId,
      running: true,
    });
    expect(refusal).to.be.instanceOf(InvalidCallError);
  });

  it('throw at the call for missing arguments, and let further ones pass', async () => {
    expect(() => (square.remote as () => unknown)()).to.throw(
      InvalidArgumentError,
      'square.remote() needs at least 1 argument, got 0',
    );
    const further = [3, 4] as unknown as [number];
    expect(await get(square.remote(...further))).to.equal(9);
    const optional = remote((a: number, b = 2) => a + b);
    expect(await get(optional.remote(1))).to.equal(3);
  });

  it('refuse to be called directly, and say how', () => {
    expect(() => (square as unknown as (x: number) => number)(3)).to.throw(
      InvalidCallError,
      /square.*\.remote\(\)/,
    );
  });

  it('refuse wrong options where they are given', () => {
    expect(() => remote(() => 1, { numCpu: 1 } as object)).to.throw(InvalidOptionError, /numCpus/);
    expect(() => square.options({ maxRetries: -2 })).to.throw(InvalidOptionError, /maxRetries/);
  });

  it('refuse what cannot be remote', () => {
    const wrong: unknown[] = [5, 'square', null, {}, square];
    for (const target of wrong) {
      expect(() => remote(target as () => void), inspect(target)).to.throw(InvalidArgumentError);
    }
  });

  it('refuse arguments that cannot travel, with their path', () => {
    const show = remote((value: unknown) => value);
    expect(() => show.remote({ a: [new WeakRef({})] })).to.throw(/args\[0\]\.a\[0\]/);
    class Box {
      constructor(readonly deep: unknown) {}
    }
    const boxes = { outer: new Box([new Box(new WeakRef({}))]) };
    expect(() => show.remote(boxes)).to.throw(/^args\[0\]\.outer\.deep\[0\]\.deep: /);
  });

  it('do not run when an input has failed', async () => {
    const fail = remote(function fail(): number {
      throw new RangeError('boom');
    });
    const error = await rejection(get(square.remote(fail.remote())));
    expect(error).to.be.instanceOf(RangeError).and.include({ task: 'square', dependency: 'fail' });
    expect(error.cause).to.include({ task: 'fail' });
  });
});
