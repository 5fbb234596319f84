import type { Client } from './contract';

let current: Client | undefined;
let start: (() => Client) | undefined;

/** The client of this thread, or undefined where no runtime runs. */
export const currentClient = (): Client | undefined => current;

/** Sets this thread's client: in the driver when a runtime starts or ends, in a worker before any user code. */
export function setCurrentClient(client: Client | undefined): void {
  current = client;
}

/** Sets what starts a runtime when something needs one and none runs. */
export function setAutoStart(starter: () => Client): void {
  start = starter;
}

/** The client of this thread; the first use of the runtime starts it. */
export function requireClient(): Client {
  const client = current ?? start?.();
  if (!client) throw new Error('no runtime on this thread, and nothing to start one');
  return client;
}
