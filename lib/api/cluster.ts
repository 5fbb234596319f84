import { requireClient } from '../client/current';

/** A machine of the cluster. */
export interface NodeInfo {
  /** Globally unique. */
  readonly nodeId: string;
  readonly alive: boolean;
  /** What it has, as in `clusterResources()`. */
  readonly resources: Readonly<Record<string, number>>;
}

/**
 * What all machines have altogether: `CPU`, `GPU`, `memory` in bytes, and custom resources by name.
 *
 * @example
 * clusterResources(); // { CPU: 8, GPU: 0, memory: 12000000000, licence: 1 }
 */
export function clusterResources(): Readonly<Record<string, number>> {
  return requireClient().ask({ type: 'resources' }).total;
}

/**
 * What of it is free now, under the same names. A task that waits has lent its CPU to others.
 *
 * @example
 * availableResources(); // { CPU: 7.5, GPU: 0, memory: 12000000000, licence: 0 }
 */
export function availableResources(): Readonly<Record<string, number>> {
  return requireClient().ask({ type: 'resources' }).available;
}

/**
 * The machines of the cluster: this one.
 *
 * @example
 * nodes().map(({ resources }) => resources.CPU); // [8]
 */
export function nodes(): readonly NodeInfo[] {
  const client = requireClient();
  const { total } = client.ask({ type: 'resources' });
  return [{ nodeId: client.node, alive: true, resources: total }];
}
