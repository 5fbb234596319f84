import type { RemoteSpec } from '../../../lib/protocol/specs';
import type { Parcel } from '../../../lib/protocol/payload';
import { encoded, specOf } from './support';

const code = (...parcels: string[]) => ({ id: 'code', parcels });
const methods = { method: { retriesErrors: true, retryDelay: 1 } } as const;

/** Functions and classes of all kinds, for calls that chance makes. */
export const specs: readonly RemoteSpec[] = [
  specOf('any', { code: code('p2') }),
  specOf('once', { maxRetries: 0 }),
  specOf('sync', { blocking: true, maxRetries: -1 }),
  specOf('gpu', { resources: { CPU: 0.5, gpu: 1 } }),
  specOf('pure'),
  specOf('timed', { task: { timeout: 8, graceMs: 5 } }),
  specOf('stubborn', {
    maxRetries: 2,
    task: { timeout: 6, graceMs: 2, retriesTimeouts: true },
  }),
  specOf('red', { envVars: { COLOUR: 'red' } }),
  specOf('few', { task: { maxCalls: 2 } }),
  specOf('patient', { task: { retryDelay: 1 } }),
  specOf('Counter', { code: code('p1'), actor: { maxTaskRetries: 2, methods } }),
  specOf('Phoenix', { actor: { maxRestarts: 2, restartDelay: 1, maxTaskRetries: 1, methods } }),
  specOf('Eternal', { actor: { maxRestarts: -1, maxTaskRetries: -1, maxConcurrency: 2 } }),
  specOf('Fragile', { actor: { maxRestarts: 1 } }),
  specOf('Detached', { actor: { detached: true, maxRestarts: 1 } }),
  specOf('Greedy', { resources: { gpu: 0.25 } }),
  specOf('Keeper', { resources: { CPU: 1 }, actor: { maxConcurrency: 3 } }),
  specOf('Light', {
    actor: { sharesThread: true, maxRestarts: 2, restartDelay: 1, maxTaskRetries: 1, methods },
  }),
  specOf('Feather', { actor: { sharesThread: true, maxRestarts: -1, maxConcurrency: 2 } }),
  specOf('RedLight', { envVars: { COLOUR: 'red' }, actor: { sharesThread: true } }),
  specOf('Grouped', { actor: { concurrencyGroups: { one: 1, two: 2 } } }),
];

/** Names of the functions that tasks call; `pure` ones call nothing that could call them. */
export const FUNCTIONS = [
  'any',
  'once',
  'sync',
  'gpu',
  'timed',
  'stubborn',
  'red',
  'few',
  'patient',
] as const;

/** The code of some of them. */
export const parcels: readonly Parcel[] = [
  { id: 'p1', requires: [], body: 'p1' },
  { id: 'p2', requires: ['p1'], body: encoded('p2') },
];
