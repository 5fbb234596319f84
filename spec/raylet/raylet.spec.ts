import { expect } from 'chai';
import { claimWord, HELD } from '../../lib/protocol/messages';
import { counter, Stage } from './support';

describe('the raylet', () => {
  let stage: Stage;
  const begin = (options?: ConstructorParameters<typeof Stage>[0]): Stage =>
    (stage = new Stage(options));

  afterEach(() => stage.stop());

  const output = (text: string, source = 'square') =>
    ({ type: 'output', fd: 1, text, source }) as const;

  it('starts a worker for each CPU and tells the driver when they are ready', async () => {
    begin({ numCpus: 2 });
    (await stage.thread(2)).say({ type: 'online' });
    (await stage.thread(1)).say({ type: 'online' });
    const [ready] = await stage.until(
      () => stage.driver.of('ready').length > 0 && stage.driver.of('ready'),
    );
    expect(ready).to.deep.equal({ type: 'ready', workers: 2 });
  });

  it('brings a call to a worker and its result to the driver', async () => {
    begin();
    const thread = await stage.thread(1);
    thread.say({ type: 'online' });
    stage.submit('call-1');
    const run = await stage.until(() => thread.of('run')[0]);
    expect(thread.of('define').map(({ spec }) => spec.name)).to.deep.equal(['square']);
    expect(thread.claims.snapshot()[run.claim.slot]).to.equal(claimWord(run.claim.turn, HELD));
    thread.answer(run, 9);
    expect(await stage.outcome('call-1')).to.deep.equal({ ok: true, value: 9 });
  });

  it('writes what a task printed before it tells of the result', async () => {
    begin();
    const thread = await stage.thread(1);
    thread.say({ type: 'online' });
    stage.submit('call-1');
    const run = await stage.until(() => thread.of('run')[0]);
    thread.claims.start(run.claim);
    thread.say(output('hello\n'), {
      type: 'done',
      call: 'call-1',
      outcome: { ok: true, value: 1 },
      took: 1,
      blocked: false,
    });
    await stage.outcome('call-1');
    expect(stage.log).to.deep.equal([
      'driver: ready',
      '1: (square worker=1) hello\n',
      'driver: settled',
    ]);
  });

  it('answers a drain when all lines are out, begun ones too', async () => {
    begin();
    const thread = await stage.thread(1);
    thread.say({ type: 'online' }, output('whole\nbeg'), output('un'));
    stage.driver.say({ type: 'drain', token: 7 });
    const drained = await stage.until(() => stage.driver.of('drained')[0]);
    expect(drained).to.deep.equal({ type: 'drained', token: 7, unseen: [] });
    expect(stage.log.filter((line) => !line.includes('ready'))).to.deep.equal([
      '1: (square worker=1) whole\n',
      '1: (square worker=1) begun\n',
      'driver: drained',
    ]);
  });

  it('shows nothing of tasks when it is told so', async () => {
    begin({ shown: false });
    const thread = await stage.thread(1);
    thread.say({ type: 'online' }, output('hello\n'));
    stage.driver.say({ type: 'drain', token: 1 });
    await stage.until(() => stage.driver.of('drained')[0]);
    expect(stage.log.join()).not.to.include('hello');
  });

  it('fails the call that ran on a lost thread, with its reason and last lines', async () => {
    begin();
    const thread = await stage.thread(1);
    thread.say({ type: 'online' });
    stage.submit('call-1');
    const run = await stage.until(() => thread.of('run')[0]);
    thread.claims.start(run.claim);
    thread.say(output('last words\nunfinished'));
    thread.end({ kind: 'heap', reason: 'its thread reached its heap limit' });
    const outcome = await stage.outcome('call-1');
    expect(outcome).to.deep.equal({
      ok: false,
      failure: {
        kind: 'system',
        code: 'OUT_OF_MEMORY',
        taskName: 'square',
        reason: 'its thread reached its heap limit',
        lastLines: ['last words', 'unfinished'],
      },
    });
  });

  it('runs a call elsewhere that had not started on a lost thread', async () => {
    begin();
    const thread = await stage.thread(1);
    thread.say({ type: 'online' });
    stage.submit('call-1');
    await stage.until(() => thread.of('run')[0]);
    thread.end({ kind: 'exit', reason: 'its thread ended with code 1' });
    const other = await stage.thread(2);
    other.say({ type: 'online' });
    const run = await stage.until(() => other.of('run')[0]);
    other.answer(run, 4);
    expect(await stage.outcome('call-1')).to.deep.equal({ ok: true, value: 4 });
  });

  it('does not wait for a thread that is ended by force and stands in a native call', async () => {
    begin();
    const thread = await stage.thread(1);
    thread.say({ type: 'online' });
    thread.terminate = () => (thread.terminated = true);
    stage.submit('stuck');
    const { claim } = await stage.until(() => thread.of('run')[0]);
    thread.claims.start(claim);
    const how = { force: true, recursive: true, reason: 'cancel() was called' };
    stage.driver.say({ type: 'cancel', ids: ['stuck'], ...how });
    expect(await stage.outcome('stuck')).to.have.nested.property('failure.code', 'TASK_CANCELLED');
    const next = await stage.thread(2);
    next.say({ type: 'online' });
    stage.submit('call-2');
    next.answer(await stage.until(() => next.of('run')[0]), 4);
    expect(await stage.outcome('call-2')).to.deep.equal({ ok: true, value: 4 });
    expect(thread.terminated).to.equal(true);
    thread.say({ type: 'put', id: 'too late', value: 1 });
    thread.end({ kind: 'exit', reason: 'its thread was terminated' });
    expect(stage.threads).to.have.length(2);
  });

  it('takes in what a thread had sent before it ended', async () => {
    begin();
    const thread = await stage.thread(1);
    thread.say({ type: 'online' });
    stage.submit('call-1');
    thread.answer(await stage.until(() => thread.of('run')[0]), 5);
    thread.end({ kind: 'exit', reason: 'its thread ended with code 1' });
    expect(await stage.outcome('call-1')).to.deep.equal({ ok: true, value: 5 });
  });

  it('gives up, saying so once, when threads fail to start again and again', async () => {
    begin();
    for (let number = 1; number <= 3; number += 1) {
      (await stage.thread(number)).end({ kind: 'error', reason: 'SyntaxError: unexpected' });
    }
    const fatal = await stage.until(() => stage.driver.of('fatal')[0]);
    expect(fatal.failure).to.deep.include({
      code: 'RUNTIME_FAILED',
      reason: 'worker threads fail to start: SyntaxError: unexpected',
    });
    stage.driver.say({ type: 'drain', token: 1 });
    await stage.until(() => stage.driver.of('drained')[0]);
    expect(stage.driver.of('fatal')).to.have.length(1);
    expect(stage.threads).to.have.length(3);
  });

  it('gives up when threads cannot even be made', async () => {
    begin().refuse = new Error('no more threads');
    const fatal = await stage.until(() => stage.driver.of('fatal')[0]);
    expect(JSON.stringify(fatal.failure)).to.include('no more threads');
  });

  it('ends all threads before it says that it has stopped', async () => {
    begin({ numCpus: 2 });
    (await stage.thread(1)).say({ type: 'online' });
    await stage.thread(2);
    stage.driver.say({ type: 'stop' });
    await stage.until(() => stage.driver.of('stopped')[0]);
    expect(stage.threads.map(({ terminated }) => terminated)).to.deep.equal([true, true]);
    expect(stage.stopped).to.equal(true);
  });

  describe('with an actor', () => {
    const create = (): void =>
      stage.driver.say(
        { type: 'define', spec: counter },
        {
          type: 'createActor',
          call: {
            id: 'actor-1',
            actor: 'actor-1',
            spec: counter.id,
            args: undefined,
            depth: 0,
            caller: 'node-0',
          },
        },
        {
          type: 'callActor',
          call: {
            id: 'call-1',
            actor: 'actor-1',
            method: 'hello',
            args: undefined,
            depth: 0,
            caller: 'node-0',
          },
        },
      );

    /** The actor's thread, which has got the order to create the instance. */
    const home = async () => {
      begin();
      (await stage.thread(1)).say({ type: 'online' });
      create();
      const thread = await stage.thread(2);
      thread.say({ type: 'online' });
      await stage.until(() => thread.of('createInstance')[0]);
      return thread;
    };

    it('gives it a thread of its own, and its calls once it lives', async () => {
      const thread = await home();
      expect(thread.of('invoke')).to.deep.equal([]);
      thread.say({ type: 'created', actor: 'actor-1', outcome: { ok: true, value: undefined } });
      const { call } = await stage.until(() => thread.of('invoke')[0]);
      thread.say(output('hi\n', 'Counter'), {
        type: 'done',
        call: call.id,
        outcome: { ok: true, value: 'hello' },
        took: 1,
        blocked: false,
      });
      expect(await stage.outcome('call-1')).to.deep.equal({ ok: true, value: 'hello' });
      expect(stage.log).to.include('1: (Counter acto) hi\n');
    });

    it('fails its calls with what its constructor threw, and ends its thread', async () => {
      const thread = await home();
      const failure = { kind: 'thrown', task: 'Counter', error: 'boom' } as const;
      thread.say({ type: 'created', actor: 'actor-1', outcome: { ok: false, failure } });
      expect(await stage.outcome('call-1')).to.deep.equal({
        ok: false,
        failure: {
          kind: 'system',
          code: 'ACTOR_DIED',
          actorName: 'Counter',
          actorId: 'actor-1',
          reason: 'its constructor threw',
          cause: failure,
        },
      });
      await stage.until(() => thread.terminated);
    });

    it('fails its calls with the reason for which its thread ended', async () => {
      const thread = await home();
      thread.say({ type: 'created', actor: 'actor-1', outcome: { ok: true, value: undefined } });
      await stage.until(() => thread.of('invoke')[0]);
      thread.say({ type: 'poisoned', reason: 'Counter called process.exit(1)', culprit: 'call-1' });
      thread.end({ kind: 'exit', reason: 'its thread ended with code 1' });
      const outcome = await stage.outcome('call-1');
      expect(JSON.stringify(outcome)).to.include('Counter called process.exit(1)');
    });
  });
});
