import type { Payload } from '../protocol/payload';
import type { Ledger } from './ledger';
import type { ClientCode } from './tools';

/** Has the raylet told what becomes of code on this thread. @param discard lets go of a payload unread */
export function connectCode(
  code: Pick<ClientCode, 'connect'>,
  ledger: Pick<Ledger, 'parcelGone'>,
  discard: (payload: Payload) => void,
): void {
  code.connect({ gone: (id, received) => ledger.parcelGone(id, received), discard });
}
