import type { Clock } from '../base/clock';
import type { ClientId, NodeId, ObjectId } from '../base/ids';
import type { Memory } from '../data/memory';
import type { Channel } from '../protocol/channel';
import type { CallContext } from '../protocol/context';
import type { FromClient, ToClient } from '../protocol/messages';
import type { OnUnhandledError } from './contract';
import type { ClientCode, ClientCodec } from './tools';

/** Messages that concern the runtime as a whole, not one object: for whoever runs the driver. */
export type ControlMessage = Extract<ToClient, { type: 'ready' | 'drained' | 'stopped' | 'fatal' }>;

export interface ClientOptions {
  readonly id: ClientId;
  readonly node: NodeId;
  readonly role: 'driver' | 'worker';
  readonly channel: Channel<FromClient, ToClient>;
  readonly codec: ClientCodec;
  /** That of the thread, which the codec uses too. */
  readonly memory: Memory;
  readonly code: ClientCode;
  readonly clock: Clock;
  /** Twice as many calls of a turn leave at once. @defaultValue the machine's parallelism */
  readonly numCpus?: number;
  /** What is made tells where. @defaultValue false */
  readonly recordCreationSites?: boolean;
  /** Driver only: replaces the report of failures nobody looked at. */
  readonly onUnhandledError?: OnUnhandledError;
  /** Worker only: ends the actor in which the call runs. */
  readonly exitActor?: (context: CallContext) => never;
  /** Driver only. */
  readonly onControl?: (message: ControlMessage) => void;
  /**
   * Driver only: it is on one thread with raylet and workers, and the client of all tasks. Called when
   * the thread is blocked for the first of these objects and nothing is left that could be done about
   * it: it lets up to `left` milliseconds pass, or throws.
   */
  readonly onStandstill?: (pending: readonly ObjectId[], left: number) => void;
}
