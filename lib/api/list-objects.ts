import { requireClient } from '../client/current';
import type { ObjectInfo } from '../protocol/object-info';

/**
 * All objects of the runtime, the oldest first: what makes each, how large it is, where it lies and who
 * keeps it. For finding out what holds memory; it looks at everything. With
 * `init({ recordCreationSites: true })` it tells of each the line that made it, too, as written; asked
 * in a task, those of tasks are lines of compiled TypeScript.
 *
 * @example
 * listObjects().filter(({ size }) => size > 1e8);
 * // [{ id: '9e37…', task: 'put', state: 'stored', size: 100000064, location: 'shared memory',
 * //    holders: ['driver', 'call sum'] }]
 */
export function listObjects(): readonly ObjectInfo[] {
  const client = requireClient();
  return client.ask({ type: 'objects' }).objects.map((info): ObjectInfo => {
    if (info.site === undefined) return info;
    const { site: frame, ...others } = info;
    const site = client.placeOf(frame);
    return site === undefined ? others : { ...others, site };
  });
}
