import type { Explanation } from './explanation';
import type { ObjectInfo } from './object-info';
import type { NoRoom, Payload } from './payload';
import type { Resources } from './specs';
import type { Usage } from './usage';

/** What the raylet answers to what a client has asked. */
export type Answer =
  /** `credit`: bytes for which there is room. */
  | { readonly type: 'room'; readonly credit: number }
  | { readonly type: 'room'; readonly refusal: NoRoom }
  /** The site of each is a frame, as in calls. */
  | { readonly type: 'objects'; readonly objects: readonly ObjectInfo[] }
  | { readonly type: 'resources'; readonly total: Resources; readonly available: Resources }
  | {
      readonly type: 'createNamed';
      readonly namespace: string;
      readonly created: boolean;
      /** Of the instance that has the name already, if it is wanted. */
      readonly handle?: Payload;
    }
  | { readonly type: 'actorNamed'; readonly namespace: string; readonly handle?: Payload }
  | { readonly type: 'actorNames'; readonly names: readonly FullActorName[] }
  | { readonly type: 'explain'; readonly explanation: Explanation }
  | { readonly type: 'validate'; readonly problem?: string; readonly usage: Usage };

/** The name of an instance, with the namespace in which it is unique. */
export interface FullActorName {
  readonly name: string;
  readonly namespace: string;
}
