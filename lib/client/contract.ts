import type { RayError } from '../base/errors';
import type { ClientId, NodeId } from '../base/ids';
import type { CallContext } from '../protocol/context';
import type { Refusal } from '../data/trial';
import type { ClientHost } from '../protocol/host';
import type { UnseenFailure, Question } from '../protocol/messages';
import type { FatalFailure } from '../protocol/payload';
import type { Definition } from './definition';
import type { ProgressHost } from './futures/progress';
import type { HandleHost } from './handles';
import type { StoredObject } from './objects';
import type { AnswerTo } from './questions';
import type { ObjectRef, RefHost } from './refs';
import type { StreamRef } from './streams';

/** A thread's view of the runtime: the same in the driver and in every worker. */
export interface Client extends ClientHost, ProgressHost, RefHost, HandleHost {
  readonly id: ClientId;
  readonly node: NodeId;
  readonly role: 'driver' | 'worker';
  /**
   * Answers with a ref; with several of them, or with nothing, where `numReturns` says so.
   *
   * @param below the function whose caller is the submit site
   */
  submit(
    definition: Definition,
    args: readonly unknown[],
    below: (...args: never[]) => unknown,
  ): unknown;
  /** The same for a generator. */
  submitStream(
    definition: Definition,
    args: readonly unknown[],
    below: (...args: never[]) => unknown,
  ): StreamRef<unknown>;
  createActor(
    definition: Definition,
    args: readonly unknown[],
    below: (...args: never[]) => unknown,
  ): object;
  /** @throws ActorNotFoundError when no living actor has the name */
  getActor(name: string, namespace: string | undefined): object;
  /** Ends the actor in which the caller runs. */
  exitActor(): never;
  put(value: unknown, below: (...args: never[]) => unknown): ObjectRef<unknown>;
  /** The place, as written, of a site that the raylet tells. */
  placeOf(site: string): string | undefined;
  /** Shared memory for user code to fill, all zeros. */
  allocate(bytes: number): SharedArrayBuffer;
  /** Cancels the calls that make these objects, where they have not ended. */
  cancel(objects: readonly StoredObject[], how: CancelHow): void;
  /**
   * Tells those who follow the call how far it is.
   *
   * @throws SerializationError for a value that cannot travel
   */
  tellProgress(call: CallContext, value: unknown): void;
  /**
   * Asks the raylet, and stands still until it has answered.
   *
   * @throws ShutdownError when the runtime has ended
   */
  ask<Q extends Question>(question: Q): AnswerTo<Q['type']>;
  /** All that a value, or a function as `remote` would take it, holds that cannot travel. */
  refusalsOf(value: unknown): readonly Refusal[];
  /** Reports failures nobody looked at, each once. For the driver's end. */
  reportUnseen(failures: readonly UnseenFailure[]): void;
  /**
   * Settles all that is pending with `ShutdownError`, or why the runtime cannot go on; every later
   * use throws it.
   */
  close(failure?: FatalFailure): void;
}

/** How calls are cancelled. */
export interface CancelHow {
  /** Ends the thread of a task that runs. */
  readonly force: boolean;
  /** With the calls they have made. */
  readonly recursive: boolean;
}

/** Gets the error of each failed object that nobody looked at. */
export type OnUnhandledError = (error: RayError) => void;
