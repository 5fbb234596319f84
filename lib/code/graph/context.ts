import type { CodeId, ParcelId } from '../../base/ids';
import type { Codec } from '../../data/codec';
import type { ModuleIndex } from '../modules/types';
import type { Inspector } from '../scopes/inspector';
import type { Scripts } from '../scopes/scripts';
import type { BulkData } from './bulk';
import type { Identity } from './identity';
import type { Endings } from './endings';
import type { InnerVariables } from './inner-variables';
import type { OwnedMember } from './members';
import type { NativeFunctions } from './native';
import type { WeakTables } from './weak-tables';

/** What all captures of a thread have in common. */
export interface CaptureContext {
  readonly identity: Identity;
  readonly inspector: Inspector;
  readonly scripts: Scripts;
  readonly modules: ModuleIndex;
  readonly codec: Codec;
  readonly natives: NativeFunctions;
  readonly bulkData: BulkData;
  readonly innerVariables: InnerVariables;
  readonly weakTables: WeakTables;
  /** Captured classes, and those of their methods that nobody has replaced. */
  readonly classes: Set<WeakRef<object>>;
  readonly members: WeakMap<object, OwnedMember>;
  /** Stand-ins, by file, for what a rebuilt function is given: the module's variables, its `require`, … */
  readonly standIns: Map<string, object>;
  /** Properties of objects which travel in part (boxes of variables, `exports`), and which parcel has them. */
  readonly sent: WeakMap<object, Map<string, ParcelId>>;
  /** What ends with a parcel. */
  readonly endings: Endings;
  /** Parcels with code that may block its thread. */
  readonly blockingParcels: Set<ParcelId>;
  /** Names the nodes of this thread, with a number. */
  readonly origin: string;
  nextNumber(): number;
  nextId(): string;
  idOf(number: number): CodeId;
  /** The number of a node of this thread. */
  numberOf(id: CodeId): number | undefined;
  /** URL of the file that a function of the user's lies in; undefined for packages and Node. */
  homeOf(fn: object): string | undefined;
  readonly warn: (text: string) => void;
}
