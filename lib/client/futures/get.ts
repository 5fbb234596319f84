import { GetTimeoutError } from '../../base/errors';
import { checkMayBlock } from '../blocking';
import { firstRepeated, hasFailed, isSettled, type StoredObject } from '../objects';
import { isAnswered, type WaitFor } from '../waiting';
import { answer } from './answer';
import { seenHere } from '../sites';
import type { FutureHost } from './host';
import { aborted, elapsed, firstOf, isLimited, type Limits } from './limits';
import { rxjs } from './rxjs';

interface Copying {
  /** Binary in the values is private memory. */
  readonly copy?: boolean | undefined;
}

/** The values in the order of the objects, or the error of the first that is known to have failed. */
export async function getValues(
  host: FutureHost,
  objects: readonly StoredObject[],
  limits: Limits & Copying = {},
): Promise<unknown[]> {
  const what = allOf(objects, limits);
  limits.signal?.throwIfAborted();
  const letGo = host.retain(objects);
  try {
    host.flush();
    if (limits.timeout === 0) host.pump();
    for (;;) {
      if (!isAnswered(what)) await answerWithin(host, what, limits);
      const wanted = failedOrAll(objects);
      const preparing = host.prepare(wanted);
      // Nothing lies between the last look and the reading: what is here may have to go in any turn.
      if (!preparing) return wanted.map((object) => host.read(object, limits.copy));
      await preparing;
    }
  } finally {
    letGo();
  }
}

/** The same, blocking the calling thread. */
export function getValuesSync(
  host: FutureHost,
  objects: readonly StoredObject[],
  { timeout = Infinity, copy }: Pick<Limits, 'timeout'> & Copying = {},
): unknown[] {
  checkMayBlock();
  const what = allOf(objects, { timeout });
  const letGo = host.retain(objects);
  try {
    host.flush();
    host.pump();
    for (;;) {
      if (!isAnswered(what) && !host.block(what, timeout)) throw timedOut(timeout, what.objects);
      const wanted = failedOrAll(objects);
      if (host.prepareSync(wanted)) return wanted.map((object) => host.read(object, copy));
    }
  } finally {
    letGo();
  }
}

async function answerWithin(
  host: FutureHost,
  what: WaitFor,
  { timeout, signal }: Limits,
): Promise<void> {
  const tooLate = elapsed(timeout)?.pipe(
    rxjs().map(() => {
      throw timedOut(timeout ?? 0, what.objects);
    }),
  );
  try {
    await rxjs().firstValueFrom(firstOf(answer(host, what), tooLate, aborted(signal)));
  } catch (error) {
    throw seenHere(error);
  }
}

function allOf(objects: readonly StoredObject[], limits: Limits): WaitFor {
  const distinct = firstRepeated(objects) < 0 ? objects : [...new Set(objects)];
  const limited = isLimited(limits);
  return { objects: distinct, count: distinct.length, failFast: true, limited };
}

/** The first that is known to have failed, whose error is the answer, or all of them. */
function failedOrAll(objects: readonly StoredObject[]): readonly StoredObject[] {
  const failed = objects.find(hasFailed);
  return failed ? [failed] : objects;
}

function timedOut(timeout: number, objects: readonly StoredObject[]): GetTimeoutError {
  const pending = objects.filter((object) => !isSettled(object));
  return new GetTimeoutError(
    timeout,
    pending.map((object) => object.id),
  );
}
