/*
 * Named actors. An actor that has a name is found by it, from every task and every other actor,
 * without its handle being passed around. A detached one lives until it is killed; all others end
 * with their last handle, names or not. Prints:
 *
 *   [ 1, 2, 3, 4 ]
 *   the same actor: 5
 *   ActorAlreadyExistsError
 *   [ 'hits' ]
 *   []
 *   ActorNotFoundError
 */
import {
  ActorAlreadyExistsError,
  ActorNotFoundError,
  get,
  getActor,
  init,
  kill,
  listNamedActors,
  remote,
  shutdown,
} from 'rayx';

// #region class
class Counter {
  #value = 0;

  increment(): number {
    return ++this.#value;
  }
}

// Made by whoever comes first, found by all others.
const Hits = remote(Counter, { name: 'hits', getIfExists: true, lifetime: 'detached' });
// #endregion

async function main(): Promise<void> {
  await init({ numCpus: 4 });

  // #region getIfExists
  const visit = remote(() => get(Hits.remote().increment.remote()));
  const counts = await get([1, 2, 3, 4].map(() => visit.remote()));
  console.log(counts.sort()); // [ 1, 2, 3, 4 ]
  // #endregion

  // #region getActor
  const hits = getActor<Counter>('hits');
  console.log('the same actor:', await get(hits.increment.remote())); // 5
  // #endregion

  // #region unique
  try {
    remote(Counter, { name: 'hits' }).remote();
  } catch (error) {
    if (error instanceof ActorAlreadyExistsError) console.log(error.name);
  }
  // #endregion

  // #region kill
  console.log(listNamedActors()); // [ 'hits' ]
  kill(hits);
  console.log(listNamedActors()); // []
  try {
    getActor('hits');
  } catch (error) {
    if (error instanceof ActorNotFoundError) console.log(error.name);
  }
  // #endregion

  await shutdown();
}

void main();
