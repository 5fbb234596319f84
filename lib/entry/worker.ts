/** Main file of a worker thread. */
import { receiveMessageOnPort, workerData } from 'node:worker_threads';
import { systemClock } from '../base/clock';
import { idSource } from '../base/ids';
import { createClient } from '../client/client';
import { setCurrentClient } from '../client/current';
import { createCodeStore } from '../code/store';
import { createCodec } from '../data/codec';
import { Memory } from '../data/memory';
import { ClaimTable } from '../protocol/claims';
import type { FromWorker, ToWorker } from '../protocol/messages';
import { OutputGauge } from '../protocol/output-gauge';
import { createPortChannel } from '../protocol/port-channel';
import { watchChannel } from '../protocol/mapped-channel';
import type { WorkerSeed } from '../raylet/pool/worker-threads';
import { Executor } from '../worker/executor';
import { splitChannel } from '../worker/split-channel';
import { ownExports } from './own-exports';

const seed = workerData as WorkerSeed;
const { worker, node, numCpus, port, wake, claims, gauge, entry } = seed;
// The guards replace it for user code.
const exit = process.exit.bind(process);

const memory = new Memory(worker);
const channel = watchChannel(
  createPortChannel<FromWorker, ToWorker>({ port, wake, side: 1, receive: receiveMessageOnPort }),
  memory.takeIn,
);
const codec = createCodec({ mapStack: (stack) => code.mapStack(stack), memory });
const code = createCodeStore({
  codec,
  nextId: idSource(),
  self: ownExports,
  emit: (parcel) => channel.post({ type: 'parcel', parcel }),
  driver: false,
  entry,
});
const road = splitChannel({
  channel,
  onOrder: (order) => executor.receive(order),
  onParcel: (parcel) => code.take(parcel),
});
const client = createClient({
  id: worker,
  node,
  role: 'worker',
  channel: road,
  codec,
  memory,
  code,
  clock: systemClock,
  numCpus,
  recordCreationSites: seed.recordCreationSites,
  exitActor: (context) => executor.exitActor(context),
});
const executor = new Executor({
  channel,
  claims: new ClaimTable(claims),
  gauge: new OutputGauge(gauge),
  codec,
  code,
  client,
  clock: systemClock,
  exit,
});

executor.guard();
setCurrentClient(client);
road.listen((messages) => client.receive(messages));
road.ref();
channel.post({ type: 'online' });
channel.flush();

// Or the build takes a file that only imports for CommonJS, and wraps all that it imports.
export {};
