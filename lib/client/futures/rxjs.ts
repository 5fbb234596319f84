import type * as Rx from 'rxjs';
import { offerObservable } from '../refs';

let loaded: typeof Rx | undefined;

/**
 * rxjs, loaded on first need: it takes tens of milliseconds, and most tasks never need it.
 */
export function rxjs(): typeof Rx {
  if (!loaded) {
    loaded = require('rxjs') as typeof Rx;
    offerObservable(loaded.observable);
  }
  return loaded;
}
