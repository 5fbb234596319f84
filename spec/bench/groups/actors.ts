import { get, put, remote, type Arg, type ObjectRef } from 'rayx';
import { check, rayx, wholeRayx } from '../contenders/rayx';
import { scaled, type Group, type SampledCase } from '../harness/case';
import type { Work } from '../harness/slice';

class Server {
  smallValue(): string {
    return 'ok';
  }

  smallValueArg(x: number): string {
    return typeof x === 'number' ? 'ok' : 'not a number';
  }
}

class AsyncServer {
  async smallValue(): Promise<string> {
    return 'ok';
  }

  async smallValueArg(x: number): Promise<string> {
    return typeof x === 'number' ? 'ok' : 'not a number';
  }
}

/** What handles of both have in common. */
interface Handle {
  readonly smallValue: { remote(): ObjectRef<string> };
  readonly smallValueArg: { remote(x: Arg<number>): ObjectRef<string> };
}

class Client {
  readonly #servers: readonly Handle[];

  constructor(servers: readonly Handle[]) {
    this.#servers = servers;
  }

  async smallValueBatch(n: number): Promise<number> {
    const refs = this.#servers.flatMap((server) => calls(n, () => server.smallValue.remote()));
    return (await get(refs)).length;
  }

  async smallValueBatchArg(n: number): Promise<number> {
    const x = put(0);
    const refs = this.#servers.flatMap((server) => calls(n, () => server.smallValueArg.remote(x)));
    return (await get(refs)).length;
  }
}

const RemoteServer = remote(Server, { numCpus: 0 });
const RemoteAsyncServer = remote(AsyncServer, { numCpus: 0, maxConcurrency: 1000 });
const RemoteClient = remote(Client, { numCpus: 0 });

const callInTurns = remote(async (servers: readonly Handle[], n: number) => {
  let next = 0;
  const refs = calls(n, () => (servers[next++ % servers.length] as Handle).smallValue.remote());
  return (await get(refs)).length;
});

/** Ray's n is half the CPUs of its machine: 32 where its record was made. */
const n = 4;

type MakeServer = () => Handle;

const makeServer: MakeServer = () => RemoteServer.remote();
const makeAsyncServer: MakeServer = () => RemoteAsyncServer.remote();
const makeConcurrentServer: MakeServer = () =>
  RemoteServer.options({ maxConcurrency: 16 }).remote();

export const group: Group = {
  title: 'Actors',
  cases: [
    actorCase('1:1 actor calls sync', 'a call that answers "ok", and get of its ref', () =>
      oneByOne(makeServer),
    ),
    actorCase('1:1 actor calls async', '1,000 such calls, then get of all', (size) =>
      batches(makeServer, size),
    ),
    actorCase('1:1 actor calls concurrent', 'the same with maxConcurrency 16', (size) =>
      batches(makeConcurrentServer, size),
    ),
    actorCase('1:n actor calls async', 'an actor that makes 5,000 calls of each of 4', (size) =>
      oneToMany(makeServer, size),
    ),
    actorCase('n:n actor calls async', '4 tasks that each call 4 actors 5,000 times', (size) =>
      manyToMany(makeServer, size),
    ),
    actorCase(
      'n:n actor calls with arg async',
      '4 actors that each call another 1,000 times with a ref',
      manyToManyWithArgument,
    ),
    actorCase('1:1 async-actor calls sync', 'as above; the methods are async', () =>
      oneByOne(makeAsyncServer),
    ),
    actorCase('1:1 async-actor calls async', 'as above, with maxConcurrency 1,000', (size) =>
      batches(makeAsyncServer, size),
    ),
    actorCase('1:1 async-actor calls with args async', 'the same with a number', (size) =>
      batches(makeAsyncServer, size, (server, i) => server.smallValueArg.remote(i)),
    ),
    actorCase('1:n async-actor calls async', 'as above', (size) =>
      oneToMany(makeAsyncServer, size),
    ),
    actorCase('n:n async-actor calls async', 'as above', (size) =>
      manyToMany(makeAsyncServer, size),
    ),
    {
      kind: 'whole',
      name: '10,000 actors on shared threads',
      unit: 'actors/s',
      what: 'to create 10,000 actors with `thread: "shared"` and call each once',
      peakMemory: true,
      contenders: [wholeRayx(createMany)],
    },
  ],
};

async function createMany(size: number): Promise<number> {
  const Shared = RemoteServer.options({ thread: 'shared' });
  const first = Shared.remote();
  await get(first.smallValue.remote());
  const count = scaled(10_000, size);
  const start = performance.now();
  const actors = Array.from({ length: count }, () => Shared.remote());
  const values = await get(actors.map((actor) => actor.smallValue.remote()));
  check(values.every((value) => value === 'ok'));
  return (count / (performance.now() - start)) * 1000;
}

function actorCase(name: string, what: string, prepare: (size: number) => Work): SampledCase {
  return { kind: 'sampled', name, unit: 'calls/s', what, contenders: [rayx(prepare)] };
}

function oneByOne(make: MakeServer): Work {
  const server = make();
  return { amount: 1, run: async () => check((await get(server.smallValue.remote())) === 'ok') };
}

function batches(
  make: MakeServer,
  size: number,
  call: (server: Handle, i: number) => ObjectRef<string> = (server) => server.smallValue.remote(),
): Work {
  const server = make();
  const amount = scaled(1000, size);
  return {
    amount,
    async run() {
      let i = 0;
      const values = await get(calls(amount, () => call(server, i++)));
      check(values.every((value) => value === 'ok'));
    },
  };
}

function oneToMany(make: MakeServer, size: number): Work {
  const client = RemoteClient.remote(Array.from({ length: n }, make));
  const each = scaled(5000, size);
  const amount = each * n;
  return {
    amount,
    run: async () => check((await get(client.smallValueBatch.remote(each))) === amount),
  };
}

function manyToMany(make: MakeServer, size: number): Work {
  const servers = Array.from({ length: n }, make);
  const each = scaled(5000, size);
  return {
    amount: each * n,
    async run() {
      const counts = await get(servers.map(() => callInTurns.remote(servers, each)));
      check(counts.every((count) => count === each));
    },
  };
}

function manyToManyWithArgument(size: number): Work {
  const clients = Array.from({ length: n }, () => RemoteClient.remote([makeServer()]));
  const each = scaled(1000, size);
  return {
    amount: each * n,
    async run() {
      const counts = await get(clients.map((client) => client.smallValueBatchArg.remote(each)));
      check(counts.every((count) => count === each));
    },
  };
}

function calls(count: number, call: () => ObjectRef<string>): ObjectRef<string>[] {
  return Array.from({ length: count }, call);
}
