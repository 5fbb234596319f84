import { expect } from 'chai';
import {
  fromRef,
  get,
  getSync,
  init,
  InvalidCallError,
  InvalidOptionError,
  isInitialized,
  put,
  remote,
  ShutdownError,
  shutdown,
  wait,
} from 'rayx';
import { errorOf } from './timing';

const square = remote((x: number) => x * x);
const nap = remote((milliseconds: number) => {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
});

class Counter {
  #value = 0;
  increment(): number {
    return ++this.#value;
  }
}

describe('the runtime', function () {
  this.timeout(20_000);
  afterEach(() => shutdown());

  it('is the one that runs, to init() in a task, whatever that asks for', async () => {
    const { nodeId } = await init({ numCpus: 3 });
    const inside = remote(async () => {
      const { nodeId, numCpus } = await init({ numCpus: 77 });
      return { nodeId, numCpus };
    });
    expect(await get(inside.remote())).to.deep.equal({ nodeId, numCpus: 3 });
  });

  it('starts synchronously, so that getSync may follow', () => {
    void init({ numCpus: 4 });
    expect(isInitialized()).to.equal(true);
    expect(getSync(square.remote(3))).to.equal(9);
  });

  it('runs no other code of the user while getSync blocks', async () => {
    await init({ numCpus: 2 });
    const order: string[] = [];
    fromRef(square.remote(2)).subscribe(() => order.push('subscriber'));
    const settled = get(square.remote(3)).then(() => order.push('promise'));
    getSync(nap.remote(300));
    order.push('after getSync');
    await settled;
    expect(order[0]).to.equal('after getSync');
    expect(order).to.have.members(['after getSync', 'subscriber', 'promise']);
  });

  it('starts by itself at the first call, put or wait', async () => {
    expect(isInitialized()).to.equal(false);
    expect(await get(square.remote(4))).to.equal(16);
    await shutdown();
    expect(await get(put('stored'))).to.equal('stored');
    expect(isInitialized()).to.equal(true);
  });

  it('throws for options it does not know, naming those it does', () => {
    const options = { numCpu: 2 } as object;
    expect(() => init(options)).to.throw(InvalidOptionError, /numCpu\b[^]*numCpus/);
    expect(() => init({ numCpus: 'two' } as object)).to.throw(InvalidOptionError, /numCpus/);
    expect(() => init({ numCpus: -1 })).to.throw(InvalidOptionError, /numCpus/);
    expect(isInitialized()).to.equal(false);
  });

  it('throws for a second init, unless told to let it pass', async () => {
    await init({ numCpus: 2 });
    expect(() => init({ numCpus: 2 })).to.throw(InvalidCallError);
    await init({ numCpus: 2, ignoreReinitError: true });
    expect(await get(square.remote(5))).to.equal(25);
  });

  it('names the line that started it when init comes too late', async () => {
    await get(square.remote(2));
    expect(() => init()).to.throw(InvalidCallError, /runtime\.spec\.ts:\d+/);
  });

  it('is shut down at the end of an await-using block', async () => {
    const context = await init({ numCpus: 2 });
    await context[Symbol.asyncDispose]();
    expect(isInitialized()).to.equal(false);
  });

  it('may be shut down twice, and before it starts', async () => {
    await shutdown();
    await init({ numCpus: 2 });
    await Promise.all([shutdown(), shutdown()]);
    await shutdown();
    expect(isInitialized()).to.equal(false);
  });

  it('rejects what was pending at shutdown', async () => {
    await init({ numCpus: 2 });
    const pending = errorOf(() => get(nap.remote(500)));
    const waiting = errorOf(() => wait([nap.remote(500)]));
    await shutdown();
    expect(await pending).to.be.instanceOf(ShutdownError);
    expect(await waiting).to.be.instanceOf(ShutdownError);
  });

  it('gives ShutdownError at every use of a ref or handle of before, also after a new init', async () => {
    await init({ numCpus: 2 });
    const ref = square.remote(3);
    const counter = remote(Counter).remote();
    await get([ref, counter.increment.remote()]);
    await shutdown();
    await init({ numCpus: 2 });
    expect(await errorOf(() => get(ref))).to.be.instanceOf(ShutdownError);
    expect(await errorOf(() => wait([ref]))).to.be.instanceOf(ShutdownError);
    expect(await errorOf(() => get(square.remote(ref)))).to.be.instanceOf(ShutdownError);
    expect(await errorOf(() => get(counter.increment.remote()))).to.be.instanceOf(ShutdownError);
    expect(await get(square.remote(3))).to.equal(9);
  });
});
