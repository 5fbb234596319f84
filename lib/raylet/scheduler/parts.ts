import { IdMap } from '../../base/id-map';
import { payloadOf } from '../../protocol/payload';
import { Abandoned } from './abandoned';
import { Actors } from './actors';
import { Agenda } from './agenda';
import { Buffers } from './buffers';
import { CallValues } from './call-values';
import { Calls } from './calls';
import { Cancellation } from './cancellation';
import { Clients } from './clients';
import { CodeBook } from './code-book';
import { Deadlines } from './deadlines';
import { Deadlocks } from './deadlocks';
import { Delivery } from './delivery';
import { Dispatcher } from './dispatcher';
import { Environments } from './environments';
import type { SchedulerOptions } from './events';
import { Explainer } from './explain';
import { Faults } from './faults';
import { Hand } from './hand';
import { Hosts } from './hosts';
import { Journal } from './journal';
import { Judgements } from './judgements';
import { Lives } from './lives';
import { Lineages } from './lineages';
import { Listing } from './listing';
import { Loading } from './loading';
import { LostHandles } from './lost-handles';
import { ActorNames } from './names';
import { ObjectDirectory } from './objects';
import { Questions } from './questions';
import { Parcels } from './parcels';
import { Progress } from './progress';
import { ReadyQueue } from './ready-queue';
import type { CallRecord } from './records';
import { ResourcePool } from './resources';
import { Restarts } from './restarts';
import { Retries } from './retries';
import { Spilling } from './spilling';
import { StreamItems } from './stream-items';
import { Streams } from './streams';
import { SavedStates } from './saved-states';
import { Waiting } from './waiting';
import { Workers } from './workers';

/** The parts of the scheduler, each below those that use it. */
export interface Parts {
  readonly journal: Journal;
  readonly agenda: Agenda;
  readonly resources: ResourcePool;
  readonly environments: Environments;
  readonly clients: Clients;
  readonly buffers: Buffers;
  readonly spilling: Spilling;
  readonly loading: Loading;
  readonly parcels: Parcels;
  readonly objects: ObjectDirectory;
  readonly lineages: Lineages;
  readonly code: CodeBook;
  readonly calls: Calls;
  readonly queue: ReadyQueue;
  readonly workers: Workers;
  readonly delivery: Delivery;
  readonly hand: Hand;
  readonly retries: Retries;
  readonly waiting: Waiting;
  readonly names: ActorNames;
  readonly hosts: Hosts;
  readonly lives: Lives;
  readonly actors: Actors;
  readonly abandoned: Abandoned;
  readonly items: StreamItems;
  readonly streams: Streams;
  readonly progress: Progress;
  readonly judgements: Judgements;
  readonly savedStates: SavedStates;
  readonly faults: Faults;
  readonly cancellation: Cancellation;
  readonly deadlines: Deadlines;
  readonly dispatcher: Dispatcher;
  readonly deadlocks: Deadlocks;
  readonly lostHandles: LostHandles;
  readonly questions: Questions;
}

export function createParts(options: SchedulerOptions, at: number): Parts {
  const { numCpus, maxThreads, namespace = options.node, oneThread = false } = options;
  const table = new IdMap<CallRecord>();
  const journal = new Journal(at, options.watched ?? false);
  const agenda = new Agenda();
  const resources = new ResourcePool(numCpus, options.resources);
  const queue = new ReadyQueue();
  const clients = new Clients(journal, `${options.node}-0`, oneThread);
  // All on one thread, for debugging: nothing could be written while it is blocked.
  const objectStoreMemory = oneThread ? Infinity : (options.objectStoreMemory ?? Infinity);
  const buffers = new Buffers(journal, agenda, clients, objectStoreMemory);
  const environments = new Environments();
  const parcels = new Parcels(clients);
  const objects = new ObjectDirectory(journal, clients, buffers, parcels, (failure) =>
    code.prepare(clients.driver, payloadOf({ ok: false, failure })),
  );
  const code = new CodeBook(journal, clients, objects, parcels, resources, environments);
  const items = new StreamItems(objects);
  const progress = new Progress(clients, code, objects, table);
  const note = (call: CallRecord): void => lineages.note(call);
  const calls = new Calls(journal, objects, items, progress, note, table);
  const lineages = new Lineages(objects, calls);
  const workers = new Workers(journal, clients, resources, environments, options);
  const spilling = new Spilling(journal, agenda, clients, buffers);
  const loading = new Loading(journal, buffers, spilling, ({ id }, problem) =>
    objects.lose(id, problem, (object) => lineages.rebuild(object)),
  );
  const isBusy = (): boolean => workers.active > 0 || actors.areBusy();
  const values = new CallValues(journal, buffers, objects, calls, loading, isBusy);
  const delivery = new Delivery(clients, code, buffers, objects, loading, table);
  const hand = new Hand(journal, clients, code, objects, calls, resources, queue, workers);
  const waiting = new Waiting(journal, clients, objects, delivery, resources, workers, hand);
  const names = new ActorNames(namespace);
  const restarts = new Restarts(journal, agenda, objects, calls, waiting);
  const hosts = new Hosts(journal, agenda, workers, options);
  const lives = new Lives(
    journal,
    resources,
    objects,
    calls,
    queue,
    waiting,
    names,
    restarts,
    hosts,
  );
  const retries = new Retries(journal, agenda, workers, queue);
  const actors = new Actors(
    journal,
    clients,
    code,
    resources,
    calls,
    queue,
    hosts,
    waiting,
    restarts,
    lives,
    retries,
    values,
  );
  const abandoned = new Abandoned(journal, clients, calls, workers, hand, waiting);
  const cancellation = new Cancellation(objects, calls, queue, hand, abandoned);
  const streams = new Streams(journal, objects, calls, items, waiting, cancellation);
  const faults = new Faults(
    journal,
    objects,
    calls,
    workers,
    hand,
    waiting,
    lives,
    abandoned,
    streams,
  );
  const deadlines = new Deadlines(journal, agenda, hand, abandoned, cancellation);
  const judgements = new Judgements(clients, objects, code, lives, actors);
  const savedStates = new SavedStates(objects);
  const dispatcher = new Dispatcher(
    journal,
    resources,
    queue,
    workers,
    hand,
    values,
    waiting,
    actors,
    lives,
    maxThreads,
  );
  const graphParts = { lives, calls, objects, resources, waiting, workers };
  const deadlocks = new Deadlocks(journal, agenda, graphParts, options.lookAfter);
  const explainer = new Explainer({ ...graphParts, journal, queue });
  const lostHandles = new LostHandles(journal, clients, resources, queue, lives);
  const questions = new Questions(
    clients,
    code,
    resources,
    names,
    actors,
    lostHandles,
    explainer,
    new Listing(clients, workers, buffers, objects, code, calls, lives),
    spilling,
  );
  return {
    journal,
    agenda,
    resources,
    environments,
    clients,
    buffers,
    spilling,
    loading,
    parcels,
    objects,
    lineages,
    code,
    calls,
    queue,
    workers,
    delivery,
    hand,
    retries,
    waiting,
    names,
    hosts,
    lives,
    actors,
    abandoned,
    items,
    streams,
    progress,
    judgements,
    savedStates,
    faults,
    cancellation,
    deadlines,
    dispatcher,
    deadlocks,
    lostHandles,
    questions,
  };
}
