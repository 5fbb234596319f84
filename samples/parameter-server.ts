/*
 * A parameter server: an actor keeps the weights of a model; workers try them on data of their own and
 * answer with gradients, what should change. First in step, each round with the weights of the round
 * before; then everybody at their own pace, reading the weights in memory where the server writes them.
 *
 * The model is to tell pictures of a ring from pictures of a cross, so faint in noise that the eye sees
 * neither. It is a logistic regression with a weight for each of 128 × 128 pixels. Prints:
 *
 *   untrained: 50.0 % right
 *   in step, 40 rounds of 4 workers: 99.2 % right
 *   at their own pace, 160 gradients: more than 95 % right
 */
import { type ActorHandle, allocate, get, init, remote, shutdown } from 'rayx';

const SIZE = 128;
const WORKERS = 4;
const ROUNDS = 40;
const BATCH = 16;

/** How bright each pixel of a shape is, where `inside` says that it belongs to it. */
const draw = (inside: (x: number, y: number) => boolean): Float32Array =>
  Float32Array.from({ length: SIZE * SIZE }, (_, at) =>
    inside((at % SIZE) - SIZE / 2, Math.floor(at / SIZE) - SIZE / 2) ? 0.1 : 0,
  );

/** Pictures without end, the same ones for the same seed: a ring, a cross, a ring, … */
class Pictures {
  readonly #shapes = {
    ring: draw((x, y) => Math.abs(Math.hypot(x, y) - 40) < 3),
    cross: draw((x, y) => Math.abs(x) < 3 || Math.abs(y) < 3),
  };
  #seed: number;
  #isRing = false;

  constructor(seed: number) {
    this.#seed = seed;
  }

  next(): { picture: Float32Array; isRing: boolean } {
    this.#isRing = !this.#isRing;
    const shape = this.#shapes[this.#isRing ? 'ring' : 'cross'];
    return { picture: shape.map((pixel) => pixel + this.#noise()), isRing: this.#isRing };
  }

  /** From -1 to 1. */
  #noise(): number {
    this.#seed = (Math.imul(this.#seed, 1664525) + 1013904223) | 0;
    return this.#seed / 2 ** 31;
  }
}

// #region model
/** How sure the model is, from 0 to 1, that this is a ring. */
function predict(weights: Float32Array, picture: Float32Array): number {
  const sum = picture.reduce((total, pixel, at) => total + pixel * (weights[at] ?? 0), 0);
  return 1 / (1 + Math.exp(-sum));
}

/** Percentage of right answers about 500 pictures that no worker has seen. */
const test = remote((weights: Float32Array) => {
  const pictures = new Pictures(0);
  let right = 0;
  for (let count = 0; count < 500; count += 1) {
    const { picture, isRing } = pictures.next();
    if (predict(weights, picture) > 0.5 === isRing) right += 1;
  }
  return right / 5;
});
// #endregion

// #region server
class ParameterServer {
  readonly #weights: Float32Array;

  constructor(weights: Float32Array = new Float32Array(SIZE * SIZE)) {
    this.#weights = weights;
  }

  weights(): Float32Array {
    return this.#weights;
  }

  apply(...gradients: Float32Array[]): Float32Array {
    for (const gradient of gradients) {
      gradient.forEach((change, at) => {
        this.#weights[at] = (this.#weights[at] ?? 0) + 0.01 * change;
      });
    }
    return this.#weights;
  }
}

const RemoteServer = remote(ParameterServer);
// #endregion

// #region worker
class Worker {
  readonly #pictures: Pictures;

  constructor(seed: number) {
    this.#pictures = new Pictures(seed);
  }

  gradient(weights: Float32Array): Float32Array {
    const gradient = allocate(Float32Array, weights.length); // in shared memory: sent uncopied
    for (let count = 0; count < BATCH; count += 1) {
      const { picture, isRing } = this.#pictures.next();
      const error = Number(isRing) - predict(weights, picture);
      picture.forEach((pixel, at) => {
        gradient[at] = (gradient[at] ?? 0) + error * pixel;
      });
    }
    return gradient;
  }

  async learn(weights: Float32Array, server: ActorHandle<ParameterServer>): Promise<void> {
    for (let round = 0; round < ROUNDS; round += 1) {
      await get(server.apply.remote(this.gradient(weights)));
    }
  }
}

const RemoteWorker = remote(Worker);
// #endregion

const hire = () => Array.from({ length: WORKERS }, (_, n) => RemoteWorker.remote(1000 * (n + 1)));

async function inStep(): Promise<void> {
  const workers = hire();
  // #region in-step
  const server = RemoteServer.remote();
  let weights = server.weights.remote();
  const before = test.remote(weights);

  for (let round = 0; round < ROUNDS; round += 1) {
    const gradients = workers.map((worker) => worker.gradient.remote(weights));
    weights = server.apply.remote(...gradients); // nothing is awaited: the refs say what comes first
  }
  const [untrained, trained] = await get([before, test.remote(weights)]);
  // #endregion
  console.log(`untrained: ${untrained.toFixed(1)} % right`);
  console.log(`in step, ${ROUNDS} rounds of ${WORKERS} workers: ${trained.toFixed(1)} % right`);
}

async function atTheirOwnPace(): Promise<void> {
  const workers = hire();
  // #region own-pace
  const memory = new SharedArrayBuffer(4 * SIZE * SIZE); // your own: it travels as itself
  const weights = new Float32Array(memory);
  const server = RemoteServer.remote(weights); // the only one who writes there

  await get(workers.map((worker) => worker.learn.remote(weights, server)));
  const trained = await get(test.remote(weights));
  // #endregion
  // The order of the gradients, and with it the last digit, is another one each time.
  const result = trained > 95 ? 'more than 95 % right' : `${trained} % right`;
  console.log(`at their own pace, ${WORKERS * ROUNDS} gradients: ${result}`);
}

async function main(): Promise<void> {
  await init({ numCpus: 4 });
  await inStep();
  await atTheirOwnPace();
  await shutdown();
}

void main();
