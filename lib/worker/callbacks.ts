import type { ParcelId } from '../base/ids';
import type { Callbacks } from '../protocol/callbacks';
import type { RemoteSpec } from '../protocol/specs';
import { isEncoded } from '../protocol/payload';
import type { ValueCodec } from './tools';

/** The functions among the options of remote functions and classes: each spec's are read once. */
export class CallbackBook {
  private readonly known = new WeakMap<RemoteSpec, Callbacks>();

  constructor(private readonly codec: Pick<ValueCodec, 'decode'>) {}

  /** Those of a spec whose parcels are prepared, or undefined where it has none. */
  of(spec: RemoteSpec): Callbacks | undefined {
    if (spec.callbacks === undefined) return undefined;
    let found = this.known.get(spec);
    if (found === undefined) {
      found = this.codec.decode(spec.callbacks) as Callbacks;
      this.known.set(spec, found);
    }
    return found;
  }
}

/** Parcels that must be prepared before code of the spec runs, its callbacks included. */
export function parcelsOfSpec({ code, callbacks }: RemoteSpec): readonly ParcelId[] {
  if (!isEncoded(callbacks) || callbacks.code === undefined) return code.parcels;
  return [...code.parcels, ...callbacks.code];
}
