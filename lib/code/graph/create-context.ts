import type { Codec } from '../../data/codec';
import { createModuleIndex } from '../modules/module-index';
import { Inspector } from '../scopes/inspector';
import { Scripts } from '../scopes/scripts';
import type { CaptureContext } from './context';
import { BulkData } from './bulk';
import { Endings } from './endings';
import type { Identity } from './identity';
import { InnerVariables } from './inner-variables';
import { NativeFunctions } from './native';
import type { WeakTables } from './weak-tables';

export interface ContextOptions {
  readonly identity: Identity;
  readonly weakTables: WeakTables;
  readonly codec: Codec;
  readonly nextId: () => string;
  readonly self: () => object;
  readonly entry: string | undefined;
  readonly warn: (text: string) => void;
}

export function createCaptureContext(options: ContextOptions): CaptureContext {
  const { identity, weakTables, codec, nextId, self, entry, warn } = options;
  const inspector = new Inspector();
  const scripts = new Scripts(inspector);
  const natives = new NativeFunctions(inspector, scripts);
  const origin = nextId();
  let count = 0;
  return {
    identity,
    inspector,
    scripts,
    modules: createModuleIndex({ self, entry, scripts }),
    codec,
    natives,
    bulkData: new BulkData(identity),
    innerVariables: new InnerVariables(inspector),
    weakTables,
    classes: new Set(),
    members: new WeakMap(),
    standIns: new Map(),
    sent: new WeakMap(),
    endings: new Endings(),
    blockingParcels: new Set(),
    origin,
    nextId,
    warn,
    nextNumber: () => ++count,
    idOf: (number) => `${origin}:${number}`,
    numberOf: (id) =>
      id.startsWith(`${origin}:`) ? Number(id.slice(origin.length + 1)) : undefined,
    homeOf(fn) {
      if (natives.has(fn)) return undefined;
      const url = scripts.urlAt(inspector.look(fn));
      return url?.includes('/node_modules/') ? undefined : url;
    },
  };
}
