import type { ActorId, WorkerId } from '../base/ids';

/* What threads are called in front of people: lines of output begin so, and explanations say so. */

/** Of a thread for tasks: `worker=2`. */
export const workerLabel = (worker: WorkerId): string =>
  `worker=${worker.slice(worker.lastIndexOf('-') + 1)}`;

/** Of the thread of an instance: `Counter 5f2c`. */
export const actorLabel = (name: string, actor: ActorId): string => `${name} ${actor.slice(0, 4)}`;
