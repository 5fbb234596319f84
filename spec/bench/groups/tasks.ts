import { get, remote } from 'rayx';
import { check, rayx } from '../contenders/rayx';
import { scaled, type Group } from '../harness/case';

const smallValue = remote(() => 'ok');

class Client {
  async smallValueBatch(n: number): Promise<number> {
    const values = await get(Array.from({ length: n }, () => smallValue.remote()));
    return values.length;
  }
}

const RemoteClient = remote(Client, { numCpus: 0 });

async function batch(n: number): Promise<void> {
  const values = await get(Array.from({ length: n }, () => smallValue.remote()));
  check(values.length === n && values.every((value) => value === 'ok'));
}

export const group: Group = {
  title: 'Tasks',
  cases: [
    {
      kind: 'sampled',
      name: 'single client tasks sync',
      unit: 'tasks/s',
      what: 'a task that answers "ok", and get of its ref, one after another',
      contenders: [
        rayx(() => ({
          amount: 1,
          run: async () => check((await get(smallValue.remote())) === 'ok'),
        })),
      ],
    },
    {
      kind: 'sampled',
      name: 'single client tasks async',
      unit: 'tasks/s',
      what: '1,000 such tasks, then get of all',
      contenders: [
        rayx((size) => {
          const n = scaled(1000, size);
          return { amount: n, run: () => batch(n) };
        }),
      ],
    },
    {
      kind: 'sampled',
      name: 'single client tasks and get batch',
      unit: 'batches/s',
      what: 'the same, counted in batches of 1,000',
      contenders: [
        rayx((size) => {
          const n = scaled(1000, size);
          return { amount: 1, run: () => batch(n) };
        }),
      ],
    },
    {
      kind: 'sampled',
      name: 'multi client tasks async',
      unit: 'tasks/s',
      what: '4 actors that each start 10,000 tasks and get them',
      contenders: [
        rayx((size) => {
          const n = scaled(10_000, size);
          const clients = Array.from({ length: 4 }, () => RemoteClient.remote());
          return {
            amount: n * clients.length,
            run: async () => {
              const counts = await get(clients.map((client) => client.smallValueBatch.remote(n)));
              check(counts.every((count) => count === n));
            },
          };
        }),
      ],
    },
  ],
};
