import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect } from 'chai';
import { CaptureError } from '../../lib/base/errors';
import { idSource } from '../../lib/base/ids';
import { createCodeStore, type CodeStore } from '../../lib/code/store';
import { createCodec, type Codec } from '../../lib/data/codec';
import { isEncoded, type Parcel } from '../../lib/protocol/payload';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

describe('a store of code that stays on its thread', () => {
  let codec: Codec;
  let store: CodeStore;
  let sent: Parcel[];

  beforeEach(() => {
    codec = createCodec();
    sent = [];
    const emit = (parcel: Parcel): void => void sent.push(parcel);
    store = createCodeStore({ codec, nextId: idSource(), emit, driver: true, local: true });
  });
  afterEach(() => store.dispose());

  it('gives functions and classes back as they are, and sends nothing', () => {
    const factor = 2;
    const double = (x: number): number => factor * x;
    class Counter {
      count = 0;
    }
    for (const target of [double, Counter]) {
      const { id, parcels } = store.capture(target, 'target');
      expect(parcels).to.deep.equal([]);
      expect(store.prepare(parcels)).to.equal(undefined);
      expect(store.resolve(id)).to.equal(target);
    }
    expect(sent).to.deep.equal([]);
  });

  it('refuses what could not leave the thread, with the path', () => {
    const db = { socket: new WeakRef({}) };
    const work = (): unknown => db.socket;
    expect(() => store.capture(work, 'work'))
      .to.throw(CaptureError)
      .with.property('path', 'work → db → socket');
  });

  it('copies instances and gives the functions among values back', () => {
    class Point {
      constructor(readonly x: number) {}
    }
    const next = (x: number): number => x + 1;
    const value = { point: new Point(1), next };
    const payload = codec.encode(value, 'value');
    if (!isEncoded(payload)) throw new Error('it has a function in it');
    expect(payload.code).to.equal(undefined);
    const copy = codec.decode(structuredClone(payload)) as typeof value;
    expect(copy.next).to.equal(next);
    expect(copy.point).to.deep.equal(value.point);
    expect(copy.point).not.to.equal(value.point);
    expect(copy.point).to.be.instanceOf(Point);
  });

  it('keeps functions that nobody else does, for whoever is still to read them', async () => {
    const payload = codec.encode([(x: number) => x + 1], 'value');
    await new Promise(setImmediate);
    collect();
    const [next] = codec.decode(payload) as [(x: number) => number];
    expect(next(1)).to.equal(2);
  });
});
