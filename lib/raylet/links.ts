import type { ClientId } from '../base/ids';
import type { Channel } from '../protocol/channel';
import type { FromWorker, ToWorker } from '../protocol/messages';

export type Link = Channel<ToWorker, FromWorker>;

/** The raylet's channels to its clients: the driver and the workers. */
export class Links {
  private readonly links = new Map<ClientId, Link>();
  private unflushed: Link[] = [];

  constructor(private readonly receive: (from: ClientId, batch: readonly FromWorker[]) => void) {}

  open(client: ClientId, link: Link): void {
    this.links.set(client, link);
    link.listen((batch) => this.receive(client, batch));
    // A channel is there for the raylet's whole life, so it keeps the thread's loop turning.
    link.ref();
  }

  /** Takes in what the client has sent before it ended, then forgets it. */
  close(client: ClientId): void {
    this.drain(client);
    this.links.get(client)?.close();
    this.links.delete(client);
  }

  /** Adds a message to the client's batch. Those who ended meanwhile miss nothing. */
  post(to: ClientId, message: ToWorker): void {
    const link = this.links.get(to);
    if (link === undefined) return;
    if (link.unsent === 0) this.unflushed.push(link);
    link.post(message);
  }

  /** Sends all batches. */
  flush(): void {
    const links = this.unflushed;
    this.unflushed = [];
    for (const link of links) link.flush();
  }

  /** Takes in what has arrived from all clients, now, until `enough`: some never stop to send. */
  drainAll(enough: () => boolean): void {
    for (const client of this.links.keys()) this.drain(client, enough);
  }

  private drain(client: ClientId, enough = () => false): void {
    const link = this.links.get(client);
    for (let batch = link?.receiveNow(); batch; batch = link?.receiveNow()) {
      this.receive(client, batch);
      if (enough()) return;
    }
  }
}
