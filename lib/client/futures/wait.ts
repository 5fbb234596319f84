import { isSettled, type StoredObject } from '../objects';
import { isAnswered, type WaitFor } from '../waiting';
import { answer } from './answer';
import type { FutureHost } from './host';
import { elapsed } from './limits';
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
  const what: WaitFor = { objects, count, failFast: false };
  host.flush();
  if (timeout === 0) host.pump();
  if (!isAnswered(what) && timeout !== 0) {
    const { finalize, firstValueFrom, race } = rxjs();
    const letGo = host.retain(objects);
    const done = race(answer(host, what), elapsed(timeout)).pipe(finalize(letGo));
    await firstValueFrom(done);
  }
  host.checkOpen();
  const ready: number[] = [];
  for (let at = 0; at < objects.length && ready.length < count; at += 1) {
    const object = objects[at];
    if (object && isSettled(object)) ready.push(at);
  }
  host.look(ready.flatMap((at) => objects[at] ?? []));
  return ready;
}
