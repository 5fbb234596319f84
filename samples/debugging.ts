/*
 * Debugging, and unit tests of remote functions: in inline mode everything runs on the calling thread.
 * There is no thread to start, breakpoints stop in the bodies of tasks, stacks are whole, and what a
 * function uses can be replaced for a test.
 *
 * Prints:
 *
 *   [ 'Ray', 'Rx' ]
 *   double: 42
 *   the body saw [ 1, 2, 3, 4 ] and the caller kept [ 1, 2, 3 ]
 *   TypeError: no name
 *   INLINE_BLOCKING: rest, and with await: rested
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { get, getSync, init, InlineBlockingError, remote, shutdown, TaskError } from 'rayx';

// #region subject
interface User {
  readonly name?: string;
}

const server = {
  async load(id: number): Promise<User> {
    throw new Error(`no network in tests: ${id}`);
  },
};

const nameOf = remote(async function nameOf(id: number) {
  const { name } = await server.load(id);
  if (name === undefined) throw new TypeError('no name');
  return name;
});
// #endregion

const double = remote((x: number) => x * 2);

const append = remote((list: number[]) => {
  list.push(4);
  return list;
});

// #region async
const rest = remote(async function rest() {
  await sleep(20);
  return 'rested';
});
// #endregion

async function main(): Promise<void> {
  // #region start
  await init({ mode: 'inline' });
  // #endregion

  // #region replace
  const users: readonly User[] = [{ name: 'Ray' }, { name: 'Rx' }, {}];
  server.load = async (id) => users[id] ?? {};
  console.log(await get([nameOf.remote(0), nameOf.remote(1)]));
  // #endregion

  // #region sync
  console.log(`double: ${getSync(double.remote(21))}`); // runs here and now
  // #endregion

  // #region copies
  const list = [1, 2, 3];
  const seen = await get(append.remote(list));
  console.log('the body saw', seen, 'and the caller kept', list);
  // #endregion

  // #region errors
  try {
    await get(nameOf.remote(2));
  } catch (error) {
    if (error instanceof TaskError) console.log(String(error.cause));
  }
  // #endregion

  // #region blocking
  const ref = rest.remote();
  try {
    getSync(ref);
  } catch (error) {
    if (error instanceof InlineBlockingError) {
      console.log(`${error.code}: ${error.taskName}, and with await: ${await get(ref)}`);
    }
  }
  // #endregion

  await shutdown();
}

void main();
