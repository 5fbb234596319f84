import type { Option } from './option';
import { actorTable } from './tables/actors';
import { initTable } from './tables/init';
import { remoteTable } from './tables/remote';
import { taskTable } from './tables/tasks';
import { utilityTable } from './tables/utilities';
import { waitingTable } from './tables/waiting';

/** Every option of rayx's public functions. */
export const optionTable: readonly Option[] = [
  ...initTable,
  ...remoteTable,
  ...taskTable,
  ...actorTable,
  ...waitingTable,
  ...utilityTable,
];
