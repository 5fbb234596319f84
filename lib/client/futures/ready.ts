import { isSettled, type StoredObject } from '../objects';
import { answer } from './answer';
import type { FutureHost } from './host';
import { rxjs } from './rxjs';

/**
 * Reads settled objects as soon as all that their values need is here. Nothing may come between the last
 * look and the reading: memory that is here now may have to go to disk in any turn. What was lost there
 * is pending again.
 */
export async function readWhenReady<T>(
  host: FutureHost,
  objects: readonly StoredObject[],
  read: () => T,
): Promise<T> {
  for (;;) {
    const pending = objects.filter((object) => !isSettled(object));
    if (pending.length > 0) {
      const what = { objects: pending, count: pending.length, failFast: true };
      await rxjs().firstValueFrom(answer(host, what));
    }
    const preparing = host.prepare(objects);
    if (!preparing) return read();
    await preparing;
  }
}
