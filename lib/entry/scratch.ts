import { ShutdownError } from '../base/errors';
import { idSource } from '../base/ids';
import { argumentsKind, registeredKind } from '../client/classes';
import { handleKind, methodKind, refKind, remoteKind, type KindHost } from '../client/kinds';
import { SpecBook } from '../client/specs';
import { tryOut } from '../client/try-out';
import { entryScript } from '../code/modules/entry-script';
import { createCodeStore } from '../code/store';
import { createCodec } from '../data/codec';
import type { Refusal } from '../data/trial';
import { ownExports } from './own-exports';

/** What a client answers for `refusalsOf`, where no runtime runs: with tools of its own, used once. */
export function refusalsOf(value: unknown): readonly Refusal[] {
  const nextId = idSource();
  const codec = createCodec();
  const code = createCodeStore({
    codec,
    nextId,
    self: ownExports,
    emit: () => {},
    driver: true,
    entry: entryScript(),
  });
  // What kinds need for writing: nothing is read here.
  const writing: Partial<KindHost> = {
    specs: new SpecBook(nextId, code, codec, () => {}),
    checkOwn() {
      throw new ShutdownError('the runtime of this ref or handle');
    },
  };
  const host = writing as KindHost;
  codec.register(registeredKind);
  codec.register(argumentsKind);
  codec.register(refKind(host));
  codec.register(handleKind(host));
  codec.register(methodKind);
  codec.register(remoteKind(host));
  try {
    return tryOut(value, codec, code);
  } finally {
    code.dispose();
  }
}
