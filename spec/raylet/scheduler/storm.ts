import type { ActorId, ObjectId } from '../../../lib/base/ids';
import type { CreateActor, StreamPolicy } from '../../../lib/protocol/messages';
import { Scheduler } from '../../../lib/raylet/scheduler/scheduler';
import { Random } from './random';
import { FUNCTIONS, parcels, specs } from './sim-specs';
import { encoded } from './support';
import { deliver, moveMemory, read, unanswered } from './storm-memory';
import type { SimTask } from './sim-task';
import { holding, type SimClient, World } from './world';

/** Actors of one storm: most cost a thread, and there should be time for other things. */
const MOST_ACTORS = 15;

/** Classes of the instances after the first ones. */
const LATER = [
  'Phoenix',
  'Eternal',
  'Fragile',
  'Detached',
  'Light',
  'Feather',
  'RedLight',
] as const;

/**
 * A driver and tasks that do as chance has it: submit, nest, wait, block, yield, throw, exit, crash,
 * time out, cancel, run too long, tell how far they are, make actors, name them, kill them, release,
 * leave streams. Whoever waits does so for anything that it knows, so circles come about: those who
 * would wait for ever are told.
 */
export class Storm {
  readonly world: World;
  calm = false;
  private readonly random: Random;
  /** Those whose constructors are done. */
  private readonly alive = new Set<ActorId>();
  private readonly refs = new Set<ObjectId>();
  /** Instances keep what they declare: something must be left for the others. */
  private readonly classes: readonly string[];

  /**
   * @param social calls are to instances mostly, and few of these die
   * @param tame no circle can come about: a task waits for what it made and was given, an instance
   * for what it made, nothing below an instance calls one, and who holds a gpu waits for nothing
   */
  constructor(
    seed: number,
    private readonly social = false,
    private readonly tame = false,
  ) {
    const random = (this.random = new Random(seed));
    const numCpus = 1 + random.below(3) + (social ? 1 : 0);
    this.classes = [...(numCpus > 1 ? ['Keeper'] : []), 'Grouped', 'Counter', 'Greedy'];
    const maxThreads = numCpus + random.below(6);
    const options = { node: 'n', numCpus, resources: { gpu: 2 }, maxThreads, idleTimeout: 5 };
    // Memory has chances of its own, or what else happens would be other for each buffer.
    const store = { objectStoreMemory: 200 };
    this.world = new World(new Scheduler({ ...options, ...store }, 0));
    this.world.random = new Random(-seed);
    this.declare();
  }

  /** Lets one thing happen, if the one drawn can. */
  step(): void {
    const { random, world } = this;
    const client = random.pick([...world.clients.values()]) ?? world.driver;
    switch (random.below(10)) {
      case 0:
      case 1:
        return deliver(world, client);
      case 2:
      case 3:
        return read(client);
      case 4:
        client.startNext();
        this.judge(client);
        return this.comeOnline(client);
      case 5:
      case 6:
        return this.turn(client);
      case 7:
        return this.drive();
      case 8:
        if (!this.calm) client.code.move(world.random ?? random);
        moveMemory(world, client, world.random ?? random);
        return this.answer();
      default:
        return this.misfortune(client);
    }
  }

  /** Lets everything happen that can, without anything new, until nothing can. */
  settle(): void {
    this.calm = true;
    const { world } = this;
    // What happens in one round may only show in the next, and circles after a while.
    for (let quiet = 0; quiet < 10; quiet += 1) {
      const before = world.events;
      this.round();
      // Whoever wants room waits a while for it.
      if (world.events === before && unanswered(world) > 0) world.at += 500;
      if (world.events !== before || unanswered(world) > 0) quiet = 0;
    }
  }

  /** Drops all refs everywhere. */
  letGo(): void {
    const { driver, actors } = this.world;
    for (const [actor, name] of actors) {
      if (name === 'Detached') driver.post({ type: 'killActor', actor, restart: false });
    }
    // What is on its way comes later; and one piece of code may keep another.
    for (let rounds = 0; rounds < 2 || (rounds < 20 && this.world.keepsCode); rounds += 1) {
      for (const client of this.world.clients.values()) {
        for (const id of client.streams.calls) client.streams.leave(id);
        for (const id of [...client.received.keys()]) client.release(id);
        client.memory.forget([...client.memory.shown.keys()]);
        client.code.letGo();
      }
      this.settle();
    }
  }

  /** Calls of the driver of whose end it has not heard. */
  get pending(): ObjectId[] {
    const { made, known } = this.world.driver;
    return [...made].filter((id) => id.startsWith('call') && !known.has(id));
  }

  /** CPUs that instances alive have for life. */
  get cpuKept(): number {
    const hosts = [...this.world.clients.values()];
    const classes = hosts.map(({ actor }) => this.world.actors.get(actor ?? ''));
    return classes.filter((name) => name === 'Keeper').length;
  }

  private round(): void {
    const { world } = this;
    world.at += 10;
    for (const client of [...world.clients.values()]) {
      this.comeOnline(client);
      while (client.outbox.length > 0) world.deliver(client);
      while (client.inbox.length > 0) client.read();
      for (const id of client.streams.calls) while (client.streams.take(id));
      while (client.startNext());
      while (client.judgements.length > 0 && !client.blocked) this.judge(client);
      for (const task of client.tasks.values()) this.takeTurn(task);
    }
    this.answer();
  }

  /** What one instance says of another. */
  private judge(client: SimClient): void {
    const others = ['restart', 'stop', 'escalate', undefined] as const;
    client.judge(this.random.chance(0.5) ? 'resume' : this.random.pick(others));
  }

  private declare(): void {
    this.world.driver.code.declare(parcels, specs);
    for (const fn of ['timed', 'stubborn']) this.world.timed.add(fn);
  }

  private drive(): void {
    const { random, world } = this;
    const refs = [...this.refs];
    const place = { depth: 0, caller: 'driver' };
    const args = holding(this.given(refs));
    const call = world.callOf(args, random.some(refs, 2), place);
    const befriend = this.social && world.actors.size < this.classes.length;
    const policy = this.policy();
    const made = { ...call, ...(policy && { stream: policy }) };
    const often = this.social ? 0.7 : this.tame ? 0 : 0.4;
    switch (befriend ? 3 : random.chance(often) ? 4 : random.below(11)) {
      case 0:
      case 1:
      case 2: {
        const greedy = !this.tame && random.chance(0.3);
        const spec = greedy ? 'gpu' : (random.pick([...FUNCTIONS, 'pure']) ?? 'any');
        const late = random.chance(0.02) ? ({ aborted: true } as const) : {};
        const count = policy === undefined ? this.someReturns() : 1;
        const returning = world.withReturns({ ...made, ...late, spec }, count);
        world.driver.submit(returning);
        for (const ref of returning.returns ?? []) this.refs.add(ref);
        if (count === 1) break;
        return;
      }
      case 8:
        return this.cancel(world.driver, random.some(this.pending, 3));
      case 3: {
        const spec = this.nextClass();
        if (spec === undefined) return;
        world.actors.set(call.id, spec);
        const creator = random.pick([undefined, ...world.actors.keys(), ...this.alive]);
        const by = creator === undefined ? {} : { creator };
        const creation = { ...call, actor: call.id, spec, ...by };
        if (random.chance(0.3)) return this.createNamed(creation);
        world.driver.make({ type: 'createActor', call: creation }, call.id);
        break;
      }
      case 4:
      case 10: {
        const actor = random.pick(this.handlesAmong(refs));
        if (actor === undefined) return;
        const maxRetries = random.pick([undefined, 0, 2]);
        const more = maxRetries === undefined ? {} : { maxRetries };
        const method = { ...made, actor, method: 'method', ...more, ...this.groupOf(actor) };
        world.driver.make({ type: 'callActor', call: method }, call.id);
        break;
      }
      case 9: {
        if (random.chance(0.5)) return this.find();
        const actor = random.chance(0.2) ? random.pick(this.handlesAmong(refs)) : undefined;
        if (actor === undefined) return;
        world.driver.post({ type: 'killActor', actor, restart: random.chance(0.7) });
        return;
      }
      case 5: {
        const id = world.nextId('put');
        world.driver.make({ type: 'put', id, value: args }, id);
        this.refs.add(id);
        return;
      }
      case 6:
        world.driver.post({ type: 'looked', ids: random.some(refs, 3) });
        for (const id of random.some(refs, 2)) {
          const token = random.below(3);
          world.driver.post(
            random.chance(0.7) ? { type: 'follow', id, token } : { type: 'unfollow', id },
          );
        }
        return;
      case 7: {
        const { streams } = world.driver;
        for (const id of random.some(streams.calls, 2)) {
          if (random.chance(0.3))
            streams.leave(id, random.pick(['no', 'for others', 'yes'] as const));
          else streams.take(id);
        }
        return;
      }
      default:
        if (random.chance(0.2)) world.driver.post({ type: 'free', ids: random.some(refs, 2) });
        for (const id of random.some(refs, 2)) {
          // Handles are kept a little longer, or there would be nobody to call.
          if (world.actors.has(id) && random.chance(0.8)) continue;
          this.refs.delete(id);
          world.driver.release(id);
        }
        return;
    }
    this.refs.add(call.id);
  }

  private cancel(client: SimClient, ids: readonly ObjectId[]): void {
    const { random } = this;
    const [force, recursive] = [random.chance(0.4), random.chance(0.7)];
    client.post({ type: 'cancel', ids, force, recursive, reason: 'by chance' });
  }

  /** One of the groups of its class, or none. */
  private groupOf(actor: ActorId): { readonly group?: string } {
    if (this.world.actors.get(actor) !== 'Grouped') return {};
    const group = this.random.pick([undefined, 'one', 'two']);
    return group === undefined ? {} : { group };
  }

  /** How a call is read that is a generator. */
  private policy(): StreamPolicy | undefined {
    const { random } = this;
    if (random.chance(0.7)) return undefined;
    return random.chance(0.5) ? {} : { backpressure: 1 + random.below(2) };
  }

  /** What goes along with a call: where circles may come about, handles of a few instances too. */
  private given(refs: readonly ObjectId[]): ObjectId[] {
    const { random, tame } = this;
    const few = random.some(refs, 2);
    return tame ? few : [...new Set([...few, ...random.some(this.handlesAmong(refs), 3)])];
  }

  private handlesAmong(refs: readonly ObjectId[]): ObjectId[] {
    return refs.filter((id) => this.world.actors.has(id));
  }

  /** Instances keep what they declare, so there is one of those classes at most. */
  private nextClass(): string | undefined {
    const { size } = this.world.actors;
    if (size >= MOST_ACTORS) return undefined;
    return this.classes[size] ?? this.random.pick(LATER);
  }

  /** The driver stands still until it is answered: with the handle of another, if there is one. */
  private createNamed(call: CreateActor): void {
    const { world, random } = this;
    const name = random.pick(['a', 'b']) ?? 'a';
    const named = { name, handle: encoded('handle', { refs: [call.id] }) };
    const more = { ...call, named };
    const question = { type: 'createNamed', call: more, getIfExists: true } as const;
    world.driver.make({ type: 'ask', token: world.count(), question }, call.id);
    if (!this.ask()) {
      this.refs.add(call.id);
      return;
    }
    world.actors.delete(call.id);
    world.driver.received.delete(call.id);
    world.driver.made.delete(call.id);
  }

  private find(): void {
    const { world, random } = this;
    const name = random.pick(['a', 'b', 'c']) ?? 'a';
    const question = { type: 'actorNamed', name } as const;
    world.driver.post({ type: 'ask', token: world.count(), question });
    this.ask();
  }

  /** Whether the answer was a handle, which the driver has now. */
  private ask(): boolean {
    const { driver } = this.world;
    while (driver.outbox.length > 0) this.world.deliver(driver);
    while (driver.inbox.length > 0) driver.read();
    const handles = driver.handles.splice(0);
    for (const id of handles) this.refs.add(id);
    return handles.length > 0;
  }

  private turn(client: SimClient): void {
    const task = this.random.pick([...client.tasks.values()]);
    if (task !== undefined) this.takeTurn(task);
  }

  private takeTurn(task: SimTask): void {
    const { random, calm } = this;
    if (task.state === 'suspended' && !calm && random.chance(0.02)) return task.timeOut();
    const thread = [...task.client.tasks.values()];
    if (task.state !== 'running' || thread.some(({ state }) => state === 'blocking')) return;
    const { tame } = this;
    if (tame && task.isOfActor && task.turns === 0) task.refs.clear();
    task.turns += 1;
    const { streams } = task.client;
    const refs = [...task.refs];
    const pure = tame && (task.isOfActor || task.function === 'pure');
    const act = calm || task.turns > 4 || task.call.depth > 5 ? 10 : this.drawAct(task);
    if (act > 12) {
      if (act === 13) task.progress(holding(random.some(refs, 1)));
      else if (task.call.stream !== undefined) task.yield(holding(random.some(refs, 2)));
      else for (const id of random.some(streams.calls, 1)) streams.take(id);
    } else if (act < 3) {
      // Who holds a gpu and waits for one who needs it may well wait for ever.
      const greedy = !tame && random.chance(task.function === 'gpu' ? 0.8 : 0.1);
      const any = greedy ? 'gpu' : random.pick(['any', 'any', 'any', 'any', ...FUNCTIONS]);
      const fn = pure ? 'pure' : (any ?? 'any');
      const stream = this.policy();
      const how = stream === undefined ? { count: this.someReturns() } : { stream };
      task.submit(fn, holding(random.some(refs, 2)), random.some(refs, 2), how);
      if (greedy) task.wait(task.made.slice(-1));
    } else if (act < 6) {
      if (tame && task.function === 'gpu') return;
      const read = random.chance(0.7) ? task.streams : [];
      // The next item comes when those before are taken.
      for (const id of read) while (streams.take(id));
      const items = read.flatMap((id) => streams.next(id) ?? []);
      const known = (tame ? task.isOfActor : random.chance(0.5)) ? task.made : refs;
      const blocks = task.function === 'sync' || (!tame && task.isOfActor && random.chance(0.3));
      task.wait([...known, ...items], blocks);
    } else if (act < 8) {
      const handles = this.handlesAmong(refs);
      const actor = random.pick(tame ? handles.filter((id) => this.alive.has(id)) : handles);
      if (pure) return;
      if (actor !== undefined) {
        const { group } = this.groupOf(actor);
        task.callActor(actor, holding(this.given(refs)), random.some(refs, 1), group);
        const blocks = task.isOfActor && random.chance(0.3);
        if (!tame && random.chance(0.8)) task.wait(task.made.slice(-1), blocks);
      } else if (random.chance(0.3) && !task.isOfActor) {
        const spec = this.nextClass();
        if (spec !== undefined) task.createActor(spec, holding(random.some(refs, 1)));
      }
    } else if (act === 12) {
      this.cancel(task.client, random.some(task.made.length > 0 ? task.made : refs, 2));
    } else if (act === 8) {
      task.put(holding(random.some(refs, 2)));
    } else if (act === 9 && random.chance(!this.social ? 0.5 : task.isMethod ? 0.25 : 0.05)) {
      // The thread of a call says so only where its method has a rule for that.
      const asks = !task.isOfActor || task.instance?.policy?.methods !== undefined;
      if (task.isMethod && !task.aborted && random.chance(this.social ? 0.7 : 0.05)) {
        const escalates = this.social ? 0.9 : 0.4;
        task.crash(random.chance(escalates) ? 'escalate' : random.chance(0.5) ? 'restart' : 'stop');
      } else if (random.chance(0.8)) task.throw(asks && random.chance(0.5));
      else if (task.isOfActor && random.chance(0.3)) task.exitActor();
      else task.exit(1);
    } else {
      // Nothing that leads back to itself: it would hold itself.
      if (task.isMethod && random.chance(0.3)) task.save(holding([task.put('of the state')]));
      task.finish(holding(random.some(refs, 2)), random.chance(0.05) ? 20 : 0.01);
    }
  }

  /** Methods that call others, perhaps back, and wait for them are what circles are made of. */
  private drawAct({ isMethod }: SimTask): number {
    const { random, tame } = this;
    return isMethod && !tame && random.chance(0.5) ? 6 : random.below(16);
  }

  private someReturns(): number {
    return this.random.chance(0.8) ? 1 : this.random.below(4);
  }

  /** What the shell has to tell. */
  private answer(): void {
    const { world, random, calm } = this;
    const answer = world.answers.shift();
    if (answer !== undefined) world.handle(answer);
    const done = world.disk.work(world.random ?? random);
    if (done !== undefined) world.handle(done);
    if (answer?.type === 'actorAlive') this.alive.add(answer.actor);
    for (const client of world.clients.values()) {
      for (const actor of [...client.leaving]) {
        if (calm || random.chance(0.5)) world.drop(client, actor);
      }
    }
    for (const client of [...world.retiring]) world.end(client, 'retired');
    for (const client of [...world.ending]) world.end(client, 'error');
    if (calm || random.chance(0.5)) world.endForced();
    world.at += calm ? 0 : random.next() * 2;
    if (random.chance(0.5) || calm) world.handle({ type: 'tick' });
  }

  private misfortune(client: SimClient): void {
    const { world, random } = this;
    const often = client.actor === undefined ? 0.05 : 0.15;
    const chance = this.social ? 0.001 : often;
    if (client === world.driver || !client.online || !random.chance(chance)) return;
    if (random.chance(0.5)) return world.end(client, random.chance(0.3) ? 'heap' : 'error');
    const culprit = random.pick([...client.tasks.keys()]);
    const named = culprit === undefined ? {} : { culprit };
    if (!client.shared)
      return client.post({ type: 'poisoned', reason: 'uncaught error', ...named });
    const instance = random.pick([...client.instances.values()]);
    if (instance === undefined) return;
    instance.left = true;
    client.post({ type: 'poisoned', reason: 'uncaught error', actor: instance.id, ...named });
  }

  private comeOnline(client: SimClient): void {
    if (client === this.world.driver || client.online) return;
    this.world.comeOnline(client);
  }
}
