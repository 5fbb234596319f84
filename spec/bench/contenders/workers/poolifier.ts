import { ThreadWorker } from 'poolifier';
import { burn, echo, ends } from '../work';

type Functions = Record<string, (argument: never) => unknown>;

export default new ThreadWorker({ burn, echo, ends } satisfies Functions as never);
