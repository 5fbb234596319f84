/*
 * Many actors. An actor has a thread of its own, about 10 MB, unless it says that it shares one: then
 * it costs a few kilobytes, and there may be thousands. Each is still one mailbox with its own state,
 * is killed and restarted alone, and knows nothing of its neighbours. Here the ticket of each
 * passenger is one. Prints:
 *
 *   5000 cards, 20000 rides
 *   card 7 paid: 8
 *   after a restart: 2, its neighbour: 8
 *   ActorDiedError: kill() was called
 *   InvalidCallError
 */
import { ActorDiedError, get, getSync, init, kill, type ObjectRef, remote, shutdown } from 'rayx';

// #region class
class Card {
  #paid = 0;

  ride(): number {
    return (this.#paid += 2);
  }

  async transfer(fare: ObjectRef<number>[]): Promise<number> {
    const [paid = 0] = await get(fare); // others on the thread go on meanwhile
    return (this.#paid += paid);
  }

  block(fare: ObjectRef<number>[]): number[] {
    return getSync(fare); // refused: it would hold up all others on the thread
  }
}

const RemoteCard = remote(Card, { thread: 'shared', maxRestarts: 1, maxTaskRetries: 1 });
// #endregion

async function main(): Promise<void> {
  await init({ numCpus: 2 });

  // #region many
  const cards = Array.from({ length: 5000 }, () => RemoteCard.remote());
  const rides = await get([1, 2, 3, 4].flatMap(() => cards.map((card) => card.ride.remote())));
  console.log(`${cards.length} cards, ${rides.length} rides`);
  // #endregion
  console.log('card 7 paid:', rides.at(-5000 + 7));

  // #region alone
  const [first, second, third] = cards;
  if (!first || !second || !third) throw new Error('there are thousands');
  kill(first, { noRestart: false }); // as by a crash: it is made anew, and nobody beside it
  const [again, neighbour] = await get([first.ride.remote(), second.transfer.remote([])]);
  console.log(`after a restart: ${again}, its neighbour: ${neighbour}`);
  kill(second);
  // #endregion
  try {
    await get(second.ride.remote());
  } catch (error) {
    if (error instanceof ActorDiedError) console.log(`${error.name}: ${error.reason}`);
  }
  const fare = third.ride.remote();
  await get(third.block.remote([fare])).catch(({ cause }: Error) => {
    if (cause instanceof Error) console.log(cause.name);
  });

  await shutdown();
}

void main();
