import { expect } from 'chai';
import { Scheduler } from '../../../lib/raylet/scheduler/scheduler';
import { specOf } from './support';
import type { Behaviour, SimTask } from './sim-task';
import { World } from './world';

/** `fib(n)` by recursion, as a task does it: two calls, one wait for both. */
const fib: Behaviour = (task) => {
  const n = Number(task.call.args);
  if (n < 2) return task.finish(n);
  if (task.turns === 0) {
    task.wait([task.submit('fib', n - 1), task.submit('fib', n - 2)]);
  } else {
    const [a, b] = task.made.map((ref) => Number(task.client.values.get(ref)));
    task.finish((a ?? NaN) + (b ?? NaN));
  }
};

/** `down(n)`: a chain of `n` tasks, each in a blocking wait for the next. */
const chain: Behaviour = (task) => {
  const n = Number(task.call.args);
  if (n === 0 || task.turns > 0) task.finish(n);
  else task.wait([task.submit('down', n - 1)], true);
};

class Recursion {
  readonly world: World;
  mostSuspended = 0;
  mostThreads = 0;

  constructor(
    private readonly behave: Behaviour,
    spec = specOf('fib'),
    numCpus = 2,
  ) {
    const options = { node: 'n', numCpus, resources: {}, maxThreads: 16, idleTimeout: 1000 };
    this.world = new World(new Scheduler(options, 0));
    this.world.driver.post({ type: 'define', spec });
  }

  /** Runs one call to its end and answers its value. */
  run(spec: string, n: number): unknown {
    const { world } = this;
    const call = { ...world.callOf(n, [], { depth: 0, caller: 'driver' }), spec };
    world.driver.make({ type: 'submit', call }, call.id);
    while (!world.driver.known.has(call.id)) this.round();
    return world.driver.values.get(call.id);
  }

  /** Every thread takes one step; a thread takes 20 rounds to start. */
  private round(): void {
    const { world } = this;
    world.at += 0.1;
    for (const client of [...world.clients.values()]) {
      client.age += 1;
      if (!client.online && client.age > 20 && client !== world.driver) world.comeOnline(client);
      while (client.outbox.length > 0) world.deliver(client);
      if (!client.online && client !== world.driver) continue;
      while (client.inbox.length > 0) client.read();
      client.startNext();
      const ready = [...client.tasks.values()].find(({ state }) => state === 'running');
      if (ready !== undefined) this.turn(ready);
    }
    const answer = world.answers.shift();
    if (answer !== undefined) world.handle(answer);
    const tasks = [...world.clients.values()].flatMap((client) => [...client.tasks.values()]);
    const suspended = tasks.filter(({ state }) => state !== 'running').length;
    this.mostSuspended = Math.max(this.mostSuspended, suspended);
    this.mostThreads = Math.max(this.mostThreads, world.clients.size - 1);
  }

  private turn(task: SimTask): void {
    this.behave(task);
    task.turns += 1;
  }
}

describe('scheduler: recursion', () => {
  it('keeps few parents suspended, because the deepest calls go first', () => {
    const recursion = new Recursion(fib);
    expect(recursion.run('fib', 15)).to.equal(610);
    expect(recursion.mostSuspended).to.be.below(60);
  });

  it('starts no threads for a small recursion of short calls', () => {
    const recursion = new Recursion(fib);
    expect(recursion.run('fib', 8)).to.equal(21);
    expect(recursion.mostThreads).to.equal(2);
  });

  it('starts none either when the first calls have to take in the code', () => {
    let calls = 0;
    const slowAtFirst: Behaviour = (task) => {
      if (Number(task.call.args) >= 2) return fib(task);
      calls += 1;
      task.finish(Number(task.call.args), calls < 5 ? 60 : 0.01);
    };
    const recursion = new Recursion(slowAtFirst);
    expect(recursion.run('fib', 8)).to.equal(21);
    expect(recursion.mostThreads).to.be.at.most(3);
  });

  it('finishes with one CPU', () => {
    expect(new Recursion(fib, specOf('fib'), 1).run('fib', 7)).to.equal(13);
  });

  it('gives each task that blocks its thread another thread', () => {
    const recursion = new Recursion(chain, specOf('down', { blocking: true }));
    expect(recursion.run('down', 12)).to.equal(12);
    expect(recursion.mostThreads).to.equal(13);
    expect(recursion.world.warnings).to.deep.equal([]);
  });

  it('goes beyond the limit of threads for those that block, and warns at each doubling', () => {
    const recursion = new Recursion(chain, specOf('down', { blocking: true }));
    expect(recursion.run('down', 40)).to.equal(40);
    const [first, second, ...more] = recursion.world.warnings;
    expect(first).to.include('17 threads, more than maxThreads (16): down may block its thread');
    expect(second).to.include('33 threads');
    expect(more).to.deep.equal([]);
  });
});
