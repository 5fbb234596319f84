import type { Refusal } from '../data/trial';
import { isRemote } from './remotes';
import type { ClientCode, ClientCodec } from './tools';

/** All that a value, or a function as `remote` would take it, holds that cannot travel. */
export function tryOut(
  value: unknown,
  codec: Pick<ClientCodec, 'encode' | 'tryOut'>,
  code: Pick<ClientCode, 'capture'>,
): readonly Refusal[] {
  return codec.tryOut(() => {
    if (typeof value !== 'function' || isRemote(value)) codec.encode(value, 'value');
    else code.capture(value, value.name === '' ? 'anonymous' : value.name);
  });
}
