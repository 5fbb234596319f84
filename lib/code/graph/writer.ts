import type { CaptureError } from '../../base/errors';
import type { ParcelId } from '../../base/ids';
import type { Growth, Node, Slot } from './nodes';
import type { Trail } from './trail';

/** What those who write nodes need of the capture that is open. */
export interface NodeWriter {
  /** The parcel that is written. */
  readonly parcel: ParcelId;
  /** URL of the file whose function is captured; undefined when it lies in a package. */
  readonly home: string | undefined;
  /** Something in the capture, or that it uses, may block its thread. */
  blocking: boolean;
  /**
   * The value as it stands in a node; what is new is written later, by `as` when whoever met it
   * knows better than its looks say.
   */
  slot(value: unknown, parent: Trail | undefined, step: string, as?: () => Node): Slot;
  /** An addition to a node, of this capture or of before. */
  grow(growth: Growth): void;
  /** The reader of this capture needs that parcel first. */
  require(parcel: ParcelId): void;
  /** Writes all that is queued, and what that leads to. */
  run(): void;
  /** What to take back when the capture is refused. */
  onRefusal(undo: () => void): void;
  refuse(trail: Trail, reason: string): CaptureError;
}
