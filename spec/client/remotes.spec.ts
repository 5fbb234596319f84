import { expect } from 'chai';
import { inspect } from 'node:util';
import { InvalidArgumentError, InvalidCallError, ShutdownError } from '../../lib/base/errors';
import { setCurrentClient } from '../../lib/client/current';
import { type Definition, methodsOf } from '../../lib/client/definition';
import { createRemote } from '../../lib/client/remotes';
import type { ObjectRef } from '../../lib/client/refs';
import { definition, fakeRaylet, submit, type FakeRaylet } from './fake-raylet';

interface LooseRemote {
  remote(...args: unknown[]): ObjectRef<unknown>;
  options(options: object): LooseRemote;
}

interface LooseHandle {
  readonly [method: string]: LooseRemote;
}

class Base {
  inherited(): void {}
}

class Counter extends Base {
  static make(): void {}
  value = 0;
  tick = (): number => this.value;
  increment(by: number): number {
    return (this.value += by);
  }
  get current(): number {
    return this.value;
  }
  then(): void {}
}

const remoteCounter = (
  options: Definition['options'] = { given: {}, resources: { CPU: 1 } },
): { remote(...args: unknown[]): LooseHandle } =>
  createRemote({
    ...definition('Counter', 0),
    options,
    kind: 'class',
    methods: methodsOf(Counter as unknown as (...args: never[]) => unknown),
    code: Counter,
  }) as never;

describe('client: remote functions and handles', () => {
  let raylet: FakeRaylet;

  beforeEach(() => {
    raylet = fakeRaylet();
    setCurrentClient(raylet.client);
  });
  afterEach(() => setCurrentClient(undefined));

  it('go to another thread and are called from there under the same spec', () => {
    const square = createRemote(definition()) as unknown as LooseRemote;
    const payload = raylet.codec.encode({ square }, 'value');
    const worker = fakeRaylet({ role: 'worker' });
    const { square: arrived } = worker.codec.decode(payload) as { square: LooseRemote };
    setCurrentClient(worker.client);
    arrived.remote(3);
    worker.client.flush();
    raylet.client.flush();
    const { spec } = raylet.first('define');
    expect(worker.sent('define'), 'declared already').to.have.length(0);
    expect(worker.sent('submit')[0]?.call.spec).to.equal(spec.id);
    arrived.options({ numCpus: 2 }).remote(3);
    worker.client.flush();
    expect(worker.sent('define')[0]?.spec).to.deep.include({ resources: { CPU: 2 } });
    expect(worker.sent('define')[0]?.spec.code.id).to.equal('code-square');
  });

  it('are declared once for each combination of options, however often it is asked for', () => {
    const code = (): void => {};
    const square = (): LooseRemote =>
      createRemote({ ...definition(), code }) as unknown as LooseRemote;
    for (let times = 0; times < 3; times += 1) {
      square().remote(3);
      square().options({ numCpus: 2 }).remote(3);
      square().options({ numCpus: 2 }).options({ name: 'quad' }).remote(3);
    }
    raylet.client.flush();
    const declared = raylet.sent('define').map(({ spec }) => spec.id);
    expect(declared).to.have.length(3);
    const named = raylet.sent('submit').map(({ call }) => call.spec);
    expect(named).to.deep.equal([...declared, ...declared, ...declared]);
  });

  it('are declared once for each combination of options in the thread they went to, too', () => {
    const square = createRemote(definition()) as unknown as LooseRemote;
    const worker = fakeRaylet({ role: 'worker' });
    const payload = raylet.codec.encode(square, 'value');
    const arrive = (): LooseRemote => worker.codec.decode(payload) as LooseRemote;
    setCurrentClient(worker.client);
    for (let times = 0; times < 3; times += 1) arrive().options({ numCpus: 2 }).remote(3);
    arrive().options({ numCpus: 2 }).options({ numCpus: 1 }).remote(3);
    worker.client.flush();
    expect(worker.sent('define').map(({ spec }) => spec.resources)).to.deep.equal([{ CPU: 2 }]);
  });

  it('are not declared when the value around them is refused', () => {
    const square = createRemote(definition());
    expect(() => raylet.codec.encode([square, new WeakRef({})], 'value')).to.throw();
    raylet.client.flush();
    expect(raylet.sent('define')).to.have.length(0);
  });

  it('print what they are', () => {
    expect(inspect(createRemote(definition()))).to.equal('RemoteFunction(square)');
    expect(inspect(remoteCounter())).to.equal('RemoteClass(Counter)');
    const handle = remoteCounter().remote();
    expect(inspect(handle)).to.match(/^ActorHandle\(Counter, [0-9a-f]{8}…\)$/);
    const text: unknown = handle;
    expect(String(text)).to.equal(inspect(handle));
  });

  it('offer the methods of the class, inherited and as fields, and no statics or getters', () => {
    const handle = remoteCounter().remote();
    for (const name of ['increment', 'inherited', 'tick']) {
      expect(handle[name]?.remote(1), name).to.have.property('id');
    }
    raylet.client.flush();
    expect(raylet.sent('callActor').map(({ call }) => call.method)).to.deep.equal([
      'increment',
      'inherited',
      'tick',
    ]);
    expect(() => handle['make']?.remote()).to.throw(InvalidCallError, /no method make/);
    expect(() => handle['current']?.remote()).to.throw(InvalidCallError);
  });

  it('say at once which methods there are when one is unknown', () => {
    const handle = remoteCounter().remote();
    expect(() => handle['incremnt']?.remote(1)).to.throw(
      InvalidCallError,
      /Counter has no method incremnt. Did you mean increment\? Its methods: .*increment/,
    );
  });

  it('check the number of arguments at the call', () => {
    const handle = remoteCounter().remote();
    expect(() => handle['increment']?.remote()).to.throw(
      InvalidArgumentError,
      /Counter\.increment\.remote\(\) needs at least 1 argument, got 0/,
    );
  });

  it('are no promises, even for a class with a method then', async () => {
    const handle = remoteCounter().remote();
    expect(await Promise.resolve(handle)).to.equal(handle);
    expect(handle['then']?.remote()).to.have.property('id');
    const { then } = fakeHandleOf(raylet);
    expect(then).to.equal(undefined);
  });

  it('survive the probing of printers and serializers', () => {
    const handle = remoteCounter().remote();
    expect(() => inspect(handle, { depth: 5, showHidden: true })).to.not.throw();
    expect(JSON.stringify({ handle })).to.equal('{"handle":{}}');
    expect(expect(handle).to.not.deep.equal({ a: 1 })).to.be.an('object');
  });

  it('as handles arrive as handles of the same actor, and hold it', () => {
    const handle = remoteCounter().remote();
    const payload = raylet.codec.encode([handle], 'value');
    raylet.client.flush();
    const { call } = raylet.first('createActor');
    expect(payload).to.deep.include({ refs: [call.actor] });
    const worker = fakeRaylet({ role: 'worker' });
    const [arrived] = worker.codec.decode(payload) as [LooseHandle];
    arrived['increment']?.remote(1);
    worker.client.flush();
    expect(worker.sent('callActor')[0]?.call).to.include({
      actor: call.actor,
      method: 'increment',
    });
  });

  it('give a call the name its options say', () => {
    const handle = remoteCounter().remote();
    handle['increment']?.options({ name: 'step' }).remote(1);
    raylet.client.flush();
    expect(raylet.sent('callActor')[0]?.call).to.include({ name: 'step', method: 'increment' });
  });

  it('tell of retries only where options do: those of the call before those of the method', () => {
    const options = { given: { methods: { inherited: { maxTaskRetries: 2 } } }, resources: {} };
    const handle = remoteCounter(options).remote();
    handle['increment']?.remote(1);
    handle['increment']?.options({ maxTaskRetries: -1 }).remote(1);
    handle['inherited']?.remote();
    handle['inherited']?.options({ maxTaskRetries: 0 }).remote();
    raylet.client.flush();
    const retries = raylet.sent('callActor').map(({ call }) => call.maxRetries);
    expect(retries).to.deep.equal([undefined, -1, 2, 0]);
  });

  it('take options of a call given as undefined for left out', () => {
    const methods = { increment: { maxTaskRetries: 4 } };
    const counter = remoteCounter({ given: { methods }, resources: {} }).remote();
    counter.increment?.options({ maxTaskRetries: undefined }).remote(1);
    expect(raylet.first('callActor').call.maxRetries).to.equal(4);
  });

  it('as handles of an ended runtime refuse every use', () => {
    const handle = remoteCounter().remote();
    raylet.client.close();
    expect(() => handle['increment']?.remote(1)).to.throw(ShutdownError);
    const next = fakeRaylet();
    expect(() => submit(next, [handle])).to.throw(ShutdownError);
  });
});

function fakeHandleOf(raylet: FakeRaylet): { then?: unknown } {
  return raylet.client.createActor(
    { ...definition('Plain', 0), kind: 'class', methods: [] },
    [],
    fakeHandleOf,
  );
}
