import { expect } from 'chai';
import { Socket } from 'node:net';
import {
  get,
  init,
  inspectSerializable,
  isInitialized,
  put,
  registerClass,
  remote,
  shutdown,
} from 'rayx';

class Secret {
  #value = 5;
  reveal(): number {
    return this.#value;
  }
}

const pathsOf = (value: unknown): string[] =>
  inspectSerializable(value).problems.map(({ path }) => path);

/** What holds with a runtime and without one. */
function findings(): void {
  it('say nothing of what can travel', () => {
    const factor = 2;
    for (const value of [
      1,
      'a',
      null,
      { rows: [1, new Date(), new Map([['a', new Float64Array(3)]])] },
      (x: number) => factor * x,
      class Plain {
        x = 1;
      },
      remote((x: number) => factor * x),
      [(x: number) => x, Math.max],
    ]) {
      expect(inspectSerializable(value)).to.deep.equal({ ok: true, problems: [] });
    }
  });

  it('name the parts of an error that would be lost', () => {
    const error = Object.assign(new Error('x', { cause: new Socket() }), { lock: new WeakMap() });
    expect(pathsOf({ error })).to.deep.equal(['value.error.cause', 'value.error.lock']);
  });

  it('name the way to everything in a value that cannot', () => {
    const value = {
      config: { socket: new Socket(), port: 80, done: Promise.resolve() },
      list: [1, new Secret(), { next: new WeakMap() }],
      table: new Map<unknown, unknown>([['key', new Secret()]]),
      get broken(): number {
        throw new Error('no');
      },
    };
    const { ok, problems } = inspectSerializable(value);
    expect(ok).to.equal(false);
    expect(problems.map(({ path, reason }) => `${path}: ${reason}`)).to.deep.equal([
      'value.config.socket: a Socket cannot be sent; open it inside the function, or keep it in an actor',
      'value.config.done: a Promise cannot be sent; await it first, or pass the ref it came from',
      'value.list[1]: an instance of Secret cannot be sent, for nobody else can set #value of Secret; ' +
        'say how with registerClass(), make it inside the function, or keep it in an actor',
      'value.list[2].next: a WeakMap cannot be sent; make it inside the function, or keep it in an actor',
      'value.table.get("key"): an instance of Secret cannot be sent, for nobody else can set #value of ' +
        'Secret; say how with registerClass(), make it inside the function, or keep it in an actor',
      'value.broken: its getter threw',
    ]);
  });

  it('name the way to everything that a function uses and that cannot', () => {
    const db = { pool: { socket: new Socket() }, timer: setTimeout(() => {}, 0) };
    clearTimeout(db.timer);
    const secret = new Secret();
    const helper = () => secret.reveal();
    function work(): unknown {
      return [db.pool.socket.destroyed, db.timer, helper()];
    }
    const { ok, problems } = inspectSerializable(work);
    expect(ok).to.equal(false);
    expect(problems.map(({ path }) => path).sort()).to.deep.equal([
      'work → db → pool → socket',
      'work → db → timer',
      'work → helper → secret',
    ]);
    expect(pathsOf(remote(work)).sort()).to.deep.equal(problems.map(({ path }) => path).sort());
    expect(pathsOf([{ work }])).to.include('value[0].work → db → pool → socket');
  });

  it('find fault with functions themselves, too', () => {
    const evaluating = (text: string): unknown => eval(text);
    expect(inspectSerializable(evaluating).problems[0]).to.deep.include({ path: 'evaluating' });
    let count = 0;
    const both = { add: () => (count += 1), read: () => count };
    expect(inspectSerializable(both).problems.map(({ reason }) => reason)).to.deep.equal([
      'two closures share the changing variable count: keep it in an actor',
    ]);
  });

  it('name what is in the way once, however often it is asked', () => {
    const socket = new Socket();
    const work = () => socket.destroyed;
    for (let time = 0; time < 3; time += 1) {
      expect(pathsOf(work)).to.deep.equal(['work → socket']);
      expect(pathsOf({ socket })).to.deep.equal(['value.socket']);
    }
  });

  it('stand in what a registered class makes of its instances', () => {
    class Wrapped {
      constructor(readonly inner: unknown) {}
    }
    registerClass(Wrapped, {
      name: `Wrapped in ${isInitialized()}`,
      encode: ({ inner }) => ({ inner }),
      decode: ({ inner }) => new Wrapped(inner),
    });
    expect(pathsOf([new Wrapped(1), new Wrapped(Promise.resolve())])).to.deep.equal([
      'value[1].data.inner',
    ]);
  });

  it('say that data is too large for a function', () => {
    const table = new Float64Array(101e6 / 8);
    const sum = () => table.length;
    expect(inspectSerializable(sum).problems[0]?.reason).to.match(/takes 101 MB, and 100 MB is/);
  });
}

describe('problems found by inspectSerializable, without a runtime,', function () {
  this.timeout(20_000);
  findings();

  it('start none', () => {
    inspectSerializable(() => new Socket());
    expect(isInitialized()).to.equal(false);
  });

  it('include refs of a runtime that has ended', async () => {
    await init({ numCpus: 1 });
    const ref = put(1);
    expect(inspectSerializable([ref])).to.deep.equal({ ok: true, problems: [] });
    await shutdown();
    const { problems } = inspectSerializable({ list: [ref] });
    expect(problems.map(({ path }) => path)).to.deep.equal(['value.list[0]']);
    expect(problems[0]?.reason).to.match(/^the runtime of this ref .*was shut down/);
  });
});

describe('problems found by inspectSerializable, with a runtime,', function () {
  this.timeout(20_000);
  before(() => init({ numCpus: 2 }));
  after(() => shutdown());
  findings();

  it('are the same in a task', async () => {
    const inspect = remote(() => {
      const gone = Promise.resolve();
      return inspectSerializable({ fine: () => 1, work: () => gone }).problems;
    });
    expect((await get(inspect.remote())).map(({ path }) => path)).to.deep.equal([
      'value.work → gone',
    ]);
  });

  it('leave no trace: what was inspected travels as it is then', async () => {
    const shared = { value: 1, socket: undefined as unknown };
    class Helper {
      static read(): number {
        return shared.value;
      }
    }
    const state = new WeakMap([[shared, 'private']]);
    const read = () => [Helper.read(), shared.value, state.get(shared)];
    shared.socket = new Socket();
    expect(inspectSerializable(read).ok).to.equal(false);
    expect(inspectSerializable({ read, remote: remote(read) }).ok).to.equal(false);
    shared.socket = undefined;
    expect(inspectSerializable(read).ok).to.equal(true);
    shared.value = 2;
    expect(await get(remote(read).remote())).to.deep.equal([2, 2, 'private']);
  });
});
