import { must } from './must';
import type { Parts } from './parts';
import type { WorkerRecord } from './records';

/** As `validate`, for the threads that instances live on. */
export function validateHosts(parts: Parts): void {
  const open = new Set<WorkerRecord>(parts.hosts.all());
  for (const worker of parts.workers.all.values()) {
    const { host, state, client, calls } = worker;
    const check = (right: boolean, what: string): void => must(parts, right, client.id, what);
    const retires = state === 'retiring' || state === 'draining';
    check(open.delete(worker) === (host?.shared === true && !retires), 'open to instances or not');
    if (host === undefined) continue;
    check(calls.size === 0, 'a thread of instances has a call of a function');
    check(host.shared || host.tenants.size + host.leaving.size === 1, 'more than one instance');
    check(!retires || host.tenants.size === 0, 'retires with instances on it');
    for (const actor of host.tenants) {
      check(actor.worker === worker, 'hosts an instance that is elsewhere');
      check(!host.leaving.has(actor.id), 'an instance comes back that has not gone');
      check((actor.spec.spec.actor?.sharesThread === true) === host.shared, 'of another kind');
      check(actor.spec.shape.env === worker.env, 'has other variables');
    }
  }
  must(parts, open.size === 0, '', 'a thread that has ended is open to instances');
}
