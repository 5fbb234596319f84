import type { BufferId } from '../base/ids';

/*
 * What passes about the buffers of the object store. The raylet owns them: it counts which stored
 * values hold one and how often it was sent to which thread. Who has counted as many arrivals says
 * so when nothing on its thread shows the bytes any more.
 */

/** What a client tells the raylet of buffers. */
export type FromBufferHolder =
  /** The client has made this buffer, or taken it up again, for user code to fill. */
  | { readonly type: 'allocated'; readonly id: BufferId; readonly memory: SharedArrayBuffer }
  /** Buffers that it made for values of its own are shown to user code there, too. */
  | { readonly type: 'shown'; readonly ids: readonly BufferId[] }
  /**
   * Nothing on the thread shows these buffers any more; `received` is how often each was sent there
   * (allocated or shown counts as once), so that one still on its way is not forgotten.
   */
  | { readonly type: 'gone'; readonly buffers: readonly (readonly [BufferId, received: number])[] }
  /** These, which nobody used, it has let go of, as it was told to. */
  | { readonly type: 'evicted'; readonly ids: readonly BufferId[] }
  /** Answer to `collect` for memory: its garbage was collected, and what is gone by that was told before. */
  | { readonly type: 'collected' }
  /**
   * Answer to `unload`: no value that the client keeps has these beside it any more. Views of them
   * may show there still.
   */
  | { readonly type: 'unloaded'; readonly ids: readonly BufferId[] };

/** What the raylet tells a client of buffers. */
export type ToBufferHolder =
  /** Values that the client keeps are to let go of these, which are wanted on disk. */
  { readonly type: 'unload'; readonly ids: readonly BufferId[] } | ToBufferHome;

/** What it tells a client of buffers that it made. */
export type ToBufferHome =
  /** Nobody has the buffer any more: it is there to be used again, under the same id. */
  | { readonly type: 'recycle'; readonly id: BufferId; readonly memory: SharedArrayBuffer }
  /** Let go of these, unless they are in use again. */
  | { readonly type: 'evict'; readonly ids: readonly BufferId[] };
