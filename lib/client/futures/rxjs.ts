import type * as Rx from 'rxjs';
import { offerObservable } from '../refs';

/** Where in rxjs that is which the runtime is made of. */
const files = {
  EMPTY: 'observable/empty',
  Observable: 'Observable',
  catchError: 'operators/catchError',
  concatMap: 'operators/concatMap',
  defer: 'observable/defer',
  filter: 'operators/filter',
  finalize: 'operators/finalize',
  firstValueFrom: 'firstValueFrom',
  forkJoin: 'observable/forkJoin',
  from: 'observable/from',
  map: 'operators/map',
  merge: 'observable/merge',
  mergeMap: 'operators/mergeMap',
  observable: 'symbol/observable',
  of: 'observable/of',
  race: 'observable/race',
  repeat: 'operators/repeat',
  switchMap: 'operators/switchMap',
  take: 'operators/take',
  takeWhile: 'operators/takeWhile',
  timer: 'observable/timer',
} as const;

type Name = keyof typeof files;
type Parts = Pick<typeof Rx, Name>;

let parts: Parts | undefined;

/**
 * Parts of rxjs, each loaded on first need: all of it takes some 60 ms, a first `get` needs a third of
 * that, and most tasks nothing.
 */
export function rxjs(): Parts {
  if (!parts) {
    parts = {} as Parts;
    for (const name of Object.keys(files) as Name[]) provide(parts, name);
    offerObservable(parts.observable);
  }
  return parts;
}

function provide(target: Parts, name: Name): void {
  Object.defineProperty(target, name, {
    get() {
      // By the paths that rxjs exports, so these are the very things that `import 'rxjs'` gives.
      const { [name]: value } = require(`rxjs/internal/${files[name]}`) as Parts;
      Object.defineProperty(target, name, { value });
      return value;
    },
    configurable: true,
  });
}
