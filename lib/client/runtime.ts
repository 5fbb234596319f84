import type { Client } from './contract';

/** A runtime that runs, as the driver holds it. */
export interface Runtime {
  readonly client: Client;
  /** The first workers stand ready; rejects when the runtime cannot start. */
  readonly ready: Promise<void>;
  /**
   * Closes the client, reports failures nobody looked at and ends all threads. The process stays
   * alive until it is done.
   */
  shutdown(): Promise<void>;
}
