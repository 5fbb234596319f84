import { expect } from 'chai';
import { from } from 'rxjs';
import {
  type ActorHandle,
  completed,
  fromRef,
  get,
  getSync,
  init,
  type ObjectRef,
  put,
  remote,
  ShutdownError,
  shutdown,
  wait,
} from 'rayx';
import { errorOf } from './timing';

const echo = remote((value: unknown) => value);
const one = remote(() => 1);

class Counter {
  #value = 0;
  increment(): number {
    return ++this.#value;
  }
}

interface Things {
  readonly ref: ObjectRef<number>;
  readonly counter: ActorHandle<Counter>;
}

const uses: Record<string, (things: Things) => unknown> = {
  get: ({ ref }) => get(ref),
  getSync: ({ ref }) => getSync(ref),
  wait: ({ ref }) => wait([ref]),
  'as an argument': ({ ref }) => get(echo.remote(ref)),
  'inside an argument': ({ ref }) => get(echo.remote({ ref })),
  'inside a stored value': ({ ref }) => put([ref]),
  'in a closure': ({ ref }) => get(remote(() => ref.id).remote()),
  fromRef: ({ ref }) => fromRef(ref).forEach(() => {}),
  completed: ({ ref }) => completed([ref]).forEach(() => {}),
  'as an observable': ({ ref }) => from(ref).forEach(() => {}),
  'a call of a method': ({ counter }) => get(counter.increment.remote()),
  'a handle as an argument': ({ counter }) => get(echo.remote(counter)),
  'a handle inside an argument': ({ counter }) => get(echo.remote([counter])),
};

describe('refs and handles of a runtime that has ended', function () {
  this.timeout(20_000);
  let things: Things;
  before(async () => {
    await init({ numCpus: 1 });
    things = { ref: one.remote(), counter: remote(Counter).remote() };
    await get([things.ref, things.counter.increment.remote()]);
    await shutdown();
    await init({ numCpus: 1 });
  });
  after(() => shutdown());

  for (const [name, use] of Object.entries(uses)) {
    it(`give ShutdownError, saying what to do: ${name}`, async () => {
      const error = await errorOf(() => use(things));
      expect(error).to.be.instanceOf(ShutdownError);
      expect(error.message).to.match(/init\(\)/);
    });
  }
});
