import { expect } from 'chai';
import { ShutdownError } from '../../lib/base/errors';
import { callContext } from '../../lib/protocol/context';
import { definition, fakeRaylet, lastCall, submit, taskContext } from './fake-raylet';

describe('client: submission', () => {
  it('declares a function once, before its first call', () => {
    const raylet = fakeRaylet();
    const square = definition();
    submit(raylet, [1], square);
    submit(raylet, [2], square);
    raylet.client.flush();
    const types = raylet.batches.flat().map(({ type }) => type);
    expect(types).to.deep.equal(['define', 'submit', 'submit']);
    const { spec } = raylet.first('define');
    expect(spec).to.include({ kind: 'function', name: 'square', maxRetries: 3, blocking: false });
    expect(lastCall(raylet)?.spec).to.equal(spec.id);
  });

  it('answers with a ref whose id is the call', () => {
    const raylet = fakeRaylet();
    const ref = submit(raylet, [1]);
    expect(lastCall(raylet)?.id).to.equal(ref.id);
  });

  it('takes top-level refs out of the arguments and leaves nested ones in', () => {
    const raylet = fakeRaylet();
    const inner = submit(raylet, [1]);
    submit(raylet, ['a', inner, [inner]]);
    const call = lastCall(raylet);
    expect(call?.refArgs).to.deep.equal([[1, inner.id]]);
    expect(call?.args).to.have.property('refs').that.deep.equals([inner.id]);
    const args = raylet.codec.decode(call?.args) as unknown[];
    expect(args.slice(0, 2)).to.deep.equal(['a', undefined]);
    expect(String((args[2] as unknown[])[0])).to.equal(String(inner));
  });

  it('says who submits: the driver, or the task with its depth', () => {
    const raylet = fakeRaylet();
    submit(raylet);
    expect(lastCall(raylet)).to.include({ depth: 0, caller: 'node-0' });
    expect(lastCall(raylet)).to.not.have.property('parent');
    callContext.run(taskContext('outer'), () => submit(raylet));
    raylet.client.flush();
    expect(lastCall(raylet)).to.include({ depth: 3, caller: 'outer:1', parent: 'outer' });
  });

  it('sends the first calls of a turn at once, and the rest together at its end', async () => {
    const raylet = fakeRaylet({ numCpus: 2 });
    const square = definition();
    for (let count = 0; count < 10; count += 1) submit(raylet, [count], square);
    expect(raylet.sent('submit')).to.have.length(4);
    await Promise.resolve();
    expect(raylet.sent('submit')).to.have.length(10);
    expect(raylet.batches.at(-1)).to.have.length(6);
    submit(raylet, [11], square);
    expect(raylet.sent('submit'), 'a new turn').to.have.length(11);
  });

  it('sends a batch when it is full or old', () => {
    const raylet = fakeRaylet({ numCpus: 1 });
    const square = definition();
    for (let count = 0; count < 2 + 63; count += 1) submit(raylet, [count], square);
    expect(raylet.sent('submit')).to.have.length(2);
    submit(raylet, [0], square);
    expect(raylet.sent('submit')).to.have.length(66);
    submit(raylet, [0], square);
    raylet.advance(0.6);
    submit(raylet, [0], square);
    expect(raylet.sent('submit')).to.have.length(68);
  });

  it('refuses everything once closed, and refs of another runtime', () => {
    const first = fakeRaylet();
    const second = fakeRaylet();
    const ref = submit(first);
    expect(() => submit(second, [ref])).to.throw(ShutdownError);
    expect(() => submit(second, [[ref]])).to.throw(ShutdownError);
    first.client.close();
    expect(() => submit(first)).to.throw(ShutdownError);
    expect(() => first.client.put(1, submit)).to.throw(ShutdownError);
  });
});
