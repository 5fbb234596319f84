import { writeSync } from 'node:fs';
import type { ObjectId } from '../base/ids';
import { TaskError, type RayError } from '../base/errors';
import type { UnseenFailure } from '../protocol/messages';
import { creationsBehind, type Failures } from './failures';
import type { StoredObject } from './objects';
import type { SubmitSite } from './sites';

/** Reports the failures nobody ever looked at, each once. */
export class UnseenReporter {
  /** Submit sites of objects released before it was known whether somebody looked. */
  private readonly sites = new Map<ObjectId, SubmitSite>();

  /** @param report replaces the lines on stderr */
  constructor(
    private readonly failures: Failures,
    private readonly report?: (error: RayError) => void,
  ) {}

  /** This thread has dropped its last ref: if the object turns out to have failed, its site is needed. */
  released(object: StoredObject): void {
    const { id, site, looked } = object;
    if (site && !looked && !wasCancelled(object)) this.sites.set(id, site);
  }

  /** The object ended well, or nobody will speak of it again. */
  forgotten(id: ObjectId): void {
    this.sites.delete(id);
  }

  /** @param siteOf the site of an object that still has refs */
  unseen(
    failures: readonly UnseenFailure[],
    siteOf: (id: ObjectId) => SubmitSite | undefined,
  ): void {
    const told = new Set(failures.map(({ id }) => id));
    for (const unseen of failures) {
      const { id, failure } = unseen;
      // The report of a constructor's error tells why the calls of its actor failed.
      const site = this.sites.get(id) ?? siteOf(id);
      this.sites.delete(id);
      if (creationsBehind(failure).some((other) => other !== id && told.has(other))) continue;
      const error = this.failures.toError(failure, site);
      if (this.report) this.report(error);
      else print(unseen, error, site);
    }
  }
}

/** Nobody is told of that failure: it was wanted. */
function wasCancelled({ cancelled, outcome }: StoredObject): boolean {
  if (cancelled || outcome === undefined || outcome.ok) return cancelled;
  const { failure } = outcome;
  return failure.kind === 'system' && failure.code === 'TASK_CANCELLED';
}

function print(unseen: UnseenFailure, error: RayError, site: SubmitSite | undefined): void {
  const text =
    `rayx: ${sentence(unseen, site)}, or handle it in init({ onUnhandledError })\n` +
    `${stackOf(error)}\n`;
  // Synchronous: at exit nothing asynchronous would still be written.
  for (let rest = Buffer.from(text); rest.length > 0;) {
    try {
      rest = rest.subarray(writeSync(2, rest));
    } catch (problem) {
      if ((problem as NodeJS.ErrnoException).code !== 'EAGAIN') return;
    }
  }
}

/** What happened, and what could be done about it. */
function sentence({ task, escalated }: UnseenFailure, site: SubmitSite | undefined): string {
  if (escalated) {
    return (
      `${task} escalated an error and no actor above it decided; ` +
      `let its own onCrash say 'restart' or 'stop'`
    );
  }
  const where = site?.place === undefined ? '' : `, submitted ${site.relation} ${site.place}`;
  return `${task} failed and nobody looked at its result${where}; get() it`;
}

/** With its cause, where that is not in the error's own message. */
function stackOf(error: RayError): string {
  const stack = error.stack ?? String(error);
  if (error instanceof TaskError || !(error.cause instanceof Error)) return stack;
  return `${stack}\ncaused by ${error.cause.stack ?? String(error.cause)}`;
}
