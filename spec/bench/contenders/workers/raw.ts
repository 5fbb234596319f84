import { parentPort } from 'node:worker_threads';
import * as work from '../work';
import type { RawAnswer, RawCall } from '../raw';

const functions = work as Record<string, (argument: unknown) => unknown>;

parentPort?.on('message', ({ id, name, argument }: RawCall) => {
  const answer: RawAnswer = { id, value: functions[name]?.(argument) };
  parentPort?.postMessage(answer);
});
