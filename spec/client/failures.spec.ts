import { expect } from 'chai';
import { inspect, types } from 'node:util';
import { ActorDiedError, OutOfMemoryError, RayError, TaskError } from '../../lib/base/errors';
import { getValues } from '../../lib/client/futures/get';
import { openRef } from '../../lib/client/refs';
import type { Failure } from '../../lib/protocol/payload';
import { fakeRaylet, submit } from './fake-raylet';

async function errorFor(
  make: (encodeThrown: (error: unknown) => Extract<Failure, { kind: 'thrown' }>) => Failure,
): Promise<TaskError> {
  const raylet = fakeRaylet();
  const ref = submit(raylet);
  const thrown = (error: unknown): Extract<Failure, { kind: 'thrown' }> => ({
    kind: 'thrown',
    task: 'divide',
    error: raylet.codec.encodeThrown(error),
  });
  raylet.answer(raylet.fail(ref.id, make(thrown)));
  return getValues(raylet.client, [openRef(ref).object]).then(
    () => expect.fail('it did not fail'),
    (error: TaskError) => error,
  );
}

class RemoteStack extends RangeError {
  override stack = 'RangeError: x\n    at divide (/app/main.ts?rayx:3:9)\n    at run (node:x:1:1)';
  readonly dividend = 7;
}

describe('client: failures', () => {
  it('are both a TaskError and what was thrown', async () => {
    const error = await errorFor((thrown) => thrown(new RangeError('zero')));
    expect(error).to.be.instanceOf(TaskError);
    expect(error).to.be.instanceOf(RayError);
    expect(error).to.be.instanceOf(RangeError);
    expect(error).to.not.be.instanceOf(TypeError);
    expect(error.constructor).to.equal(TaskError);
    expect(types.isNativeError(error)).to.equal(true);
    expect(error).to.include({ name: 'TaskError', code: 'TASK_FAILED', task: 'divide' });
    expect(error.message).to.equal('divide failed: RangeError: zero');
    expect(error.cause).to.be.instanceOf(RangeError).with.property('message', 'zero');
    expect(error.cause).to.not.be.instanceOf(TaskError);
    expect(error).to.not.have.property('dependency');
  });

  it('carry the fields of what was thrown, but keep a code and name of their own', async () => {
    const own = Object.assign(new Error('x'), { status: 404, code: 'ENOENT', name: 'HttpError' });
    const error = await errorFor((thrown) => thrown(own));
    expect(error).to.include({ status: 404, code: 'TASK_FAILED', name: 'TaskError' });
    expect(error.cause).to.include({ status: 404, code: 'ENOENT', name: 'HttpError' });
  });

  it('show the remote stack, then where the call was submitted', async () => {
    const error = await errorFor((thrown) => thrown(new RemoteStack('x')));
    const [head, ...frames] = (error.stack ?? '').split('\n');
    expect(head).to.equal('TaskError: divide failed: RemoteStack: x');
    expect(frames[0]).to.equal('    at divide (/app/main.ts:3:9)');
    const joint = frames.indexOf('  submitted at');
    expect(joint).to.equal(2);
    expect(frames[joint + 1]).to.match(/errorFor .*failures\.spec\.ts:\d+/);
    expect(inspect(error)).to.contain('submitted at');
  });

  it('have what is no Error as their cause', async () => {
    expect(await errorFor((thrown) => thrown('just text')))
      .to.be.instanceOf(TaskError)
      .and.include({ cause: 'just text', message: "divide failed: 'just text'" });
    expect(await errorFor((thrown) => thrown(undefined))).to.have.property('cause', undefined);
    expect((await errorFor((thrown) => thrown({ a: [1] }))).cause).to.deep.equal({ a: [1] });
  });

  it('of a dependant name the failed call and keep the class along the chain', async () => {
    const error = await errorFor((thrown) => ({
      kind: 'dependency',
      task: 'print',
      via: ['format', 'divide'],
      root: thrown(new RangeError('zero')),
    }));
    expect(error).to.be.instanceOf(TaskError).and.instanceOf(RangeError);
    expect(error).to.include({ task: 'print', dependency: 'format' });
    expect(error.message).to.match(/^print did not run, because format failed: .*zero/);
    const middle = error.cause as TaskError;
    expect(middle)
      .to.be.instanceOf(RangeError)
      .and.include({ task: 'format', dependency: 'divide' });
    const first = middle.cause as TaskError;
    expect(first).to.be.instanceOf(TaskError).and.include({ task: 'divide' });
    expect(first.cause).to.be.instanceOf(RangeError).and.not.instanceOf(TaskError);
  });

  it('that rayx makes are thrown as themselves', async () => {
    const died = await errorFor((thrown) => ({
      kind: 'system',
      code: 'ACTOR_DIED',
      actorName: 'Counter',
      actorId: '5f2c0000aaaa',
      reason: 'its constructor threw',
      cause: { ...thrown(new RangeError('zero')), task: 'Counter' },
    }));
    expect(died).to.be.instanceOf(ActorDiedError).and.not.instanceOf(TaskError);
    expect(died).to.include({ actorName: 'Counter', actorId: '5f2c0000aaaa' });
    expect(died.cause).to.be.instanceOf(TaskError).and.instanceOf(RangeError);
    const memory = await errorFor(() => ({
      kind: 'system',
      code: 'OUT_OF_MEMORY',
      taskName: 'grow',
      reason: 'its heap was full',
      lastLines: [],
    }));
    expect(memory).to.be.instanceOf(OutOfMemoryError).with.property('taskName', 'grow');
  });

  it('of a nested task keep every level', async () => {
    const inner = await errorFor((thrown) => thrown(new RangeError('zero')));
    const outer = await errorFor((thrown) => ({ ...thrown(inner), task: 'outer' }));
    expect(outer).to.be.instanceOf(RangeError).and.include({ task: 'outer' });
    expect(outer.cause).to.be.instanceOf(TaskError).and.include({ task: 'divide' });
    expect(outer.message).to.equal('outer failed: RangeError: zero');
  });
});
