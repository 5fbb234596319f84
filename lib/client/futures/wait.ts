import { isSettled, type StoredObject } from '../objects';
import { isAnswered, type WaitFor } from '../waiting';
import { answer } from './answer';
import { seenHere } from '../sites';
import type { FutureHost } from './host';
import { aborted, elapsed, firstOf, isLimited } from './limits';
import { rxjs } from './rxjs';

/**
 * Which of the objects are ready, at most `count` of them: their places, in order. A failed object
 * is ready too; nothing is read or thrown.
 */
export async function waitFor(
  host: FutureHost,
  objects: readonly StoredObject[],
  count: number,
  timeout: number | undefined,
): Promise<number[]> {
  await untilSettled(host, objects, count, timeout);
  host.checkOpen();
  const ready: number[] = [];
  for (let at = 0; at < objects.length && ready.length < count; at += 1) {
    const object = objects[at];
    if (object && isSettled(object)) ready.push(at);
  }
  host.look(ready.flatMap((at) => objects[at] ?? []));
  return ready;
}

/**
 * Waits until `count` of the objects are settled, or until the time is over or the signal aborted.
 * Answers whether they are; nobody has looked at them by that.
 */
export async function untilSettled(
  host: FutureHost,
  objects: readonly StoredObject[],
  count: number,
  timeout: number | undefined,
  signal?: AbortSignal,
): Promise<boolean> {
  const limited = isLimited({ timeout, signal });
  const what: WaitFor = { objects, count, failFast: false, limited };
  host.flush();
  if (timeout === 0) host.pump();
  if (isAnswered(what) || timeout === 0) return isAnswered(what);
  const stopped = aborted(signal)?.pipe(rxjs().catchError(() => rxjs().EMPTY));
  const letGo = host.retain(objects);
  const end = firstOf(answer(host, what), elapsed(timeout), stopped);
  try {
    await rxjs().firstValueFrom(end, { defaultValue: undefined });
  } catch (error) {
    throw seenHere(error);
  } finally {
    letGo();
  }
  return isAnswered(what);
}
