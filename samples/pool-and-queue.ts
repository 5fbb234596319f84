/*
 * Sharing work. An ActorPool gives calls to whichever of its actors is free; a Queue stands between
 * tasks that make values and tasks that use them; a Pool runs ordinary functions on workers, after
 * Python's multiprocessing.Pool.
 *
 * Six questions of half a second to three models take one second. Prints:
 *
 *   [ 'Ray!', 'rxjs!', 'nact!', 'who?', 'what?', 'why?' ]
 *   six questions of half a second: 1.0s
 *   [ 0, 10, 20, 30, 40 ]
 *   [ 1, 4, 9 ]
 *   5
 *   inspectSerializable: work → db → socket
 */
import { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { ActorPool, get, init, inspectSerializable, Pool, Queue, remote, shutdown } from 'rayx';

// #region model
class Model {
  async answer(question: string, mark = '!'): Promise<string> {
    await sleep(500);
    return question + mark;
  }
}

const RemoteModel = remote(Model);
// #endregion

async function main(): Promise<void> {
  await init({ numCpus: 4 });

  // #region actor-pool
  const models = [RemoteModel.remote(), RemoteModel.remote(), RemoteModel.remote()];
  const pool = new ActorPool(models);
  // #endregion
  await get(models.map((model) => model.answer.remote('ready', '?')));

  console.time('six questions of half a second');
  // #region map
  const questions = ['Ray', 'rxjs', 'nact', 'who', 'what', 'why'];
  const answers: string[] = [];
  for await (const answer of pool.map((model, question) => {
    return model.answer.remote(question, question.startsWith('w') ? '?' : '!');
  }, questions)) {
    answers.push(answer); // in the order of the questions
  }
  console.log(answers);
  // #endregion
  console.timeEnd('six questions of half a second');

  // #region queue
  const queue = new Queue<number>({ maxSize: 2 }); // put() waits while it holds two
  const producer = remote(async (count: number) => {
    for (let i = 0; i < count; i++) await queue.put(i);
    await queue.shutdown(); // once all is taken
  });
  const consumer = remote(async (from: Queue<number>) => {
    const seen: number[] = [];
    for await (const i of from) seen.push(10 * i); // until it is shut down
    return seen;
  });
  const [seen] = await get([consumer.remote(queue), producer.remote(5)]);
  console.log(seen); // [ 0, 10, 20, 30, 40 ]
  // #endregion

  // #region pool
  {
    await using workers = new Pool(2);
    console.log(await workers.map((x) => x * x, [1, 2, 3])); // [ 1, 4, 9 ]
    console.log(await workers.apply(Math.hypot, [3, 4])); // 5
  }
  // #endregion

  // #region inspect
  const db = { socket: new Socket() };
  const work = () => db.socket.destroyed;
  for (const { path } of inspectSerializable(work).problems) {
    console.log(`inspectSerializable: ${path}`);
  }
  // #endregion

  await shutdown();
}

void main();
