import { ShutdownError } from '../base/errors';
import { idSource } from '../base/ids';
import { registerKinds, type KindHost } from '../client/kinds';
import { ObjectTable } from '../client/objects';
import { Quiet } from '../client/quiet';
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
  const keeper = { has: () => false, settled() {}, forget() {}, ignored() {} };
  const objects = new ObjectTable(new Quiet(), keeper, () => {});
  const writing: Partial<KindHost> = {
    specs: new SpecBook(nextId, code, codec, () => {}, objects),
    checkOwn() {
      throw new ShutdownError('the runtime of this ref or handle');
    },
  };
  const host = writing as KindHost;
  registerKinds(codec, host);
  try {
    return tryOut(value, codec, code);
  } finally {
    code.dispose();
  }
}
