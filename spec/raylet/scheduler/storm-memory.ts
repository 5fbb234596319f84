import type { Random } from './random';
import type { SimClient, World } from './world';

/** Lets shared memory of a client move, as chance has it: it is dropped, made, wanted and fetched. */
export function moveMemory(world: World, client: SimClient, random: Random): void {
  const { memory, values, received } = client;
  const held = [...values.keys()].filter((id) => received.has(id));
  memory.forget(random.some([...memory.shown.keys()], 3));
  if (random.chance(0.2)) memory.allocate();
  if (random.chance(0.2)) memory.wantRoom(world.count(), 8 * (1 + random.below(20)));
  if (random.chance(0.2)) memory.fetch(world.count(), random.some(held, 2));
}

/** How many clients wait for room, or for memory that they have fetched, and how many calls for theirs. */
export function unanswered({ clients, scheduler }: World): number {
  const waiting = [...clients.values()].reduce((sum, { memory }) => sum + memory.unanswered, 0);
  return waiting + scheduler.usage().loads;
}

/** What is said of memory and code, beside what is said of calls: it is to take no turns from that. */
const BESIDE: ReadonlySet<string | undefined> = new Set([
  ...[
    'allocated',
    'shown',
    'gone',
    'evicted',
    'unloaded',
    'fetch',
    'parcelsGone',
    'parcel',
    'define',
  ],
  ...['recycle', 'evict', 'unload', 'collect', 'fetched', 'forget', 'undefine', 'answer'],
]);

/** Hands the scheduler the next message of a client, and before it all that is beside that. */
export function deliver(world: World, client: SimClient): void {
  while (BESIDE.has(client.outbox[0]?.type)) world.deliver(client);
  world.deliver(client);
}

/** Has the client read its next message, and before it all that is beside that. */
export function read(client: SimClient): void {
  while (BESIDE.has(client.inbox[0]?.type)) client.read();
  client.read();
}
