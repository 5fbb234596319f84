import type { Agenda } from './agenda';
import type { BufferRecord } from './buffer-record';
import type { Clients } from './clients';
import type { Journal } from './journal';
import type { ClientRecord } from './records';

/** Share of the store by which what is in use may grow until clients are asked to collect, … */
const GROWTH_SHARE = 1 / 4;
/** … in bytes at most: a collection of a small heap costs less than to write so much. */
const MOST_GROWTH = 64 * 2 ** 20;
/** Milliseconds from asking to asking again, at least. */
const ASK_AGAIN = 100;
/** Milliseconds without a change in what is in use after which they are asked, too: twice as long each time. */
const QUIET = 1000;

/**
 * Asks clients to collect their garbage: refs that nobody can reach, and views, keep buffers until the
 * engine of their thread collects them, for which these give it no reason.
 */
export class Collections {
  /** Bytes in use that clients were asked about last. */
  private askedAt = 0;
  private askAgainAt = -Infinity;
  /** What was in use at the last look, since when, and how long that is to stay so until clients are asked. */
  private lastUsed = 0;
  private quietSince = 0;
  private patience = QUIET;
  private wanted = false;
  /** Those that were asked and have not answered, since when, and when those were asked who all have. */
  private readonly awaited = new Set<ClientRecord>();
  private round = -Infinity;
  private completed = -Infinity;
  private readonly growth: number;

  /** @param capacity bytes of the store */
  constructor(
    private readonly journal: Journal,
    private readonly agenda: Agenda,
    private readonly clients: Clients,
    capacity: number,
  ) {
    this.growth = Math.min(GROWTH_SHARE * capacity, MOST_GROWTH);
  }

  /** The client has done so, or has ended. */
  collected(client: ClientRecord): void {
    if (this.awaited.delete(client) && this.awaited.size === 0) this.completed = this.round;
  }

  /** Whether all who were asked at that time or later have done so. */
  areCompleteSince(time: number): boolean {
    return this.completed >= time;
  }

  /** Has them asked as soon as may be. */
  want(): void {
    this.wanted = true;
  }

  /** Asks if it is time to. @param used bytes of the buffers in use */
  look(used: number, buffers: () => Iterable<BufferRecord>): void {
    const { at } = this.journal;
    this.askedAt = Math.min(this.askedAt, used);
    if (used !== this.lastUsed) {
      this.lastUsed = used;
      this.quietSince = at;
      this.patience = QUIET;
    }
    if (used <= this.growth && !this.wanted) return;
    const due = this.quietSince + this.patience;
    if (at >= due) this.patience *= 2;
    else if (used - this.askedAt <= this.growth && !this.wanted) return this.agenda.lookAt(due);
    if (at < this.askAgainAt) return this.agenda.lookAt(this.askAgainAt);
    this.agenda.lookAt(this.quietSince + this.patience);
    this.askedAt = used;
    this.askAgainAt = at + ASK_AGAIN;
    this.wanted = false;
    this.ask(buffers());
  }

  private ask(buffers: Iterable<BufferRecord>): void {
    const asked = new Set<ClientRecord>([this.clients.driver]);
    for (const { home, seen, state } of buffers) {
      if (state !== 'used') continue;
      if (home !== undefined) asked.add(home);
      for (const client of seen.keys()) asked.add(client);
    }
    if (this.awaited.size === 0) this.round = this.journal.at;
    for (const client of asked) {
      if (this.awaited.has(client) || !client.alive) continue;
      this.awaited.add(client);
      this.clients.post(client, { type: 'collect', memory: true });
    }
  }
}
