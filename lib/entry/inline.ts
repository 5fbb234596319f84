import { randomBytes } from 'node:crypto';
import { MessageChannel } from 'node:worker_threads';
import { BlockedClock, systemClock } from '../base/clock';
import { InlineBlockingError, InternalError } from '../base/errors';
import type { CallId } from '../base/ids';
import type { RuntimeOptions } from '../base/options/init';
import type { Runtime } from '../client/runtime';
import { entryScript } from '../code/modules/entry-script';
import { createMemoryChannel } from '../protocol/memory-channel';
import type { FromClient, FromWorker, ToWorker } from '../protocol/messages';
import { Turns, type TurnSource } from '../protocol/turns';
import { writeFully } from '../raylet/logs/descriptor';
import { Raylet } from '../raylet/raylet';
import { Scheduler } from '../raylet/scheduler/scheduler';
import { currentCall } from '../worker/call';
import { guardCalls } from '../worker/guards';
import { splitChannel } from '../worker/split-channel';
import { InlineWorkers } from './inline-workers';
import { LocalRuntime, type Road } from './local-runtime';

/** Milliseconds within which the raylet looks again at what it has given out, and for circles of calls. */
const NEXT_LOOK = 30;

/** Starts raylet, workers and client, all on the calling thread. Calls may be made on return. */
export function startInlineRuntime(options: RuntimeOptions): Runtime {
  const node = randomBytes(5).toString('hex');
  const source = turnSource();
  const turns = new Turns(source);
  const clock = new BlockedClock();
  const { numCpus, resources, objectStoreMemory, namespace, logToDriver } = options;
  const [near, far] = createMemoryChannel<FromWorker, ToWorker>(turns);
  const warn = (text: string): void => writeFully(2, `(rayx) ${text}\n`);
  const parts = { turns, clock, warn, flush: () => road.flush() };
  const workers: InlineWorkers = new InlineWorkers(() => {
    const { client, codec, memory, code } = runtime;
    return { ...parts, client, codec, memory, code };
  });
  const road = driverRoad(splitChannel({ channel: near, onOrder: refuse, onParcel: refuse }));

  function driverRoad(channel: Road): Road {
    return {
      get unsent() {
        return channel.unsent + workers.unsent;
      },
      post(message) {
        const task = taskOf(message);
        if (task === undefined) channel.post(message);
        else workers.say(task, message);
      },
      flush() {
        channel.flush();
        workers.flush();
      },
      listen: (receive) => channel.listen(receive),
      receiveNow: () => channel.receiveNow(),
      waitForBatch: (timeout) => channel.waitForBatch(timeout),
      ref: () => source.ref(),
      unref: () => source.unref(),
      close: () => channel.close(),
    };
  }

  // Threads that cost nothing need not be shared, nor ended.
  const unbounded = { maxThreads: Infinity, idleTimeout: Infinity };
  const scheduler = new Scheduler(
    {
      ...{ node, numCpus, resources, objectStoreMemory, oneThread: true },
      ...(namespace !== undefined && { namespace }),
      ...unbounded,
    },
    clock.now(),
  );
  const gone = new Promise<void>((resolve) => {
    new Raylet({
      node,
      driver: far,
      scheduler,
      startThread: workers.start,
      logs: { write: writeFully, shown: logToDriver },
      clock,
      freeClock: systemClock,
      turns,
      onStopped: resolve,
    });
  });

  /** The thread is blocked, and nothing is left to be done: only what time brings can be waited for. */
  const onStandstill = ([pending = '']: readonly string[], left: number): void => {
    const { task, begun } = scheduler.standstill(pending);
    if (clock.left === Infinity || (begun && clock.left > NEXT_LOOK)) {
      throw new InlineBlockingError(task);
    }
    pause(Math.min(clock.left, left));
    clock.run();
  };

  const unguard = guardCalls();
  const carrier = {
    road,
    gone: gone.then(() => {
      unguard();
      turns.close();
    }),
    ref: () => source.ref(),
    halt: () => workers.abandonAll(),
  };
  const entry = entryScript();
  const inline = { onStandstill, exitActor: () => leave() };
  const runtime = new LocalRuntime({ node, options, carrier, entry, inline });
  return runtime;
}

/** Turns by a port: whether it keeps the process alive can be said at any time. */
function turnSource(): TurnSource {
  const { port1, port2 } = new MessageChannel();
  let next = (): void => {};
  port2.on('message', () => next());
  port2.unref();
  return {
    soon(turn) {
      next = turn;
      port1.postMessage(undefined);
    },
    ref: () => port2.ref(),
    unref: () => port2.unref(),
    close: () => port1.close(),
  };
}

/** Who says a message of itself: it comes from the worker of that call. */
function taskOf(message: FromClient): CallId | undefined {
  switch (message.type) {
    case 'waiting':
    case 'unwait':
    case 'progress':
      return message.task;
    default:
      return undefined;
  }
}

/** Ends the instance whose method is running. */
function leave(): never {
  const call = currentCall();
  if (call) return call.leave();
  throw new InternalError('exitActor() outside any call');
}

function refuse(): never {
  throw new InternalError('the driver was sent what is for a worker');
}

function pause(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}
