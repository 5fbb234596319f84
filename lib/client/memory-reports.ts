import type { Memory } from '../data/memory';
import type { FromClient } from '../protocol/messages';
import type { Arrivals } from './arrivals';
import type { Ledger } from './ledger';
import type { Sweeper } from './sweeper';

export interface MemoryReportsOptions {
  readonly post: (message: FromClient) => void;
  readonly flush: () => void;
  readonly ledger: Pick<Ledger, 'bufferGone'>;
  readonly arrivals: Pick<Arrivals, 'pump' | 'block'>;
  readonly sweeper: Pick<Sweeper, 'memoryWanted'>;
  /** There is nobody to wait for: raylet and workers are on this thread. */
  readonly oneThread: boolean;
}

/** Has the raylet told what becomes of shared memory on this thread. */
export function connectMemory(memory: Memory, options: MemoryReportsOptions): void {
  const { post, flush, ledger, arrivals, sweeper, oneThread } = options;
  memory.connect({
    gone: (id, received) => ledger.bufferGone(id, received),
    shown: (id) => post({ type: 'shown', ids: [id] }),
    allocated: (id, buffer) => post({ type: 'allocated', id, memory: buffer }),
    pump: () => arrivals.pump(),
    await(isHere, milliseconds) {
      if (oneThread) return;
      flush();
      arrivals.block(isHere, milliseconds);
    },
    filled: () => sweeper.memoryWanted(),
  });
}
