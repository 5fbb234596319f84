import type { ClientId } from '../../base/ids';
import type { ToWorker } from '../../protocol/messages';
import type { Journal } from './journal';
import type { ClientRecord } from './records';

/** The threads that hold a client: the driver and the workers. */
export class Clients {
  readonly driver: ClientRecord;
  private readonly all = new Map<ClientId, ClientRecord>();

  constructor(
    private readonly journal: Journal,
    driver: ClientId,
    private readonly oneThread: boolean,
  ) {
    this.driver = { ...newClient(driver, true), held: undefined };
    this.all.set(driver, this.driver);
  }

  add(id: ClientId): ClientRecord {
    const client = newClient(id, !this.oneThread);
    this.all.set(id, client);
    return client;
  }

  get count(): number {
    return this.all.size;
  }

  get(id: ClientId): ClientRecord | undefined {
    return this.all.get(id);
  }

  end(client: ClientRecord): void {
    client.alive = false;
    this.all.delete(client.id);
  }

  post(to: ClientRecord, message: ToWorker): void {
    if (to.alive) this.journal.emit({ type: 'send', to: to.id, message });
  }

  [Symbol.iterator](): Iterator<ClientRecord> {
    return this.all.values();
  }
}

function newClient(id: ClientId, counts: boolean): ClientRecord {
  return { id, alive: true, counts, parcels: new Set(), specs: new Set(), held: new Set() };
}
