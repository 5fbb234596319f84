import type { WorkerId } from '../../base/ids';
import type { Channel } from '../../protocol/channel';
import type { ClaimTable } from '../../protocol/claims';
import type { FromWorker, ToWorker } from '../../protocol/messages';
import type { OutputGauge } from '../../protocol/output-gauge';

/** A worker that was started, whatever carries it. */
export interface WorkerThread {
  readonly channel: Channel<ToWorker, FromWorker>;
  readonly claims: ClaimTable;
  /** How far its output is ahead of what is shown. */
  readonly gauge: OutputGauge;
  /** Ends it, wherever it is. */
  terminate(): void;
}

/** How a worker ended. */
export interface ThreadEnd {
  readonly kind: 'heap' | 'error' | 'exit';
  /** One clause: `its code called process.exit(1)`. */
  readonly reason: string;
}

/** What a worker has of its own. */
export interface ThreadTraits {
  /** Environment variables over those of the process. */
  readonly envVars?: Readonly<Record<string, string>>;
  /** Bytes to which its heap may grow, instead of the limit of all. */
  readonly heapLimit?: number;
}

/** Starts workers: as threads today, behind one function so that processes can come. */
export type StartThread = (
  options: ThreadTraits & {
    readonly worker: WorkerId;
    /** Called once, when it has ended. */
    readonly onEnd: (end: ThreadEnd) => void;
  },
) => WorkerThread;
