import { dispatch, spawn, type ActorRef, type ActorSystem } from '../../nact/actors';
import type { SpillFiles } from './files';
import { removeStaleFolders } from './folder';

export interface SpillerOptions {
  readonly system: ActorSystem;
  readonly files: Pick<SpillFiles, 'write' | 'read' | 'remove' | 'close'>;
  readonly onSpilled: (file: number, problem?: string) => void;
  readonly onRestored: (file: number, read: Restored) => void;
}

export interface Restored {
  readonly memory?: SharedArrayBuffer;
  readonly problem?: string;
}

type Job =
  | { readonly type: 'spill'; readonly file: number; readonly memory: SharedArrayBuffer }
  | {
      readonly type: 'restore';
      readonly file: number;
      readonly size: number;
      readonly memory: SharedArrayBuffer | undefined;
    }
  | { readonly type: 'unlink'; readonly file: number }
  | { readonly type: 'sweep' };

/** An actor that writes values of the object store to disk and reads them back, one after the other. */
export class Spiller {
  private readonly actor: ActorRef<Job>;

  constructor(private readonly options: SpillerOptions) {
    this.actor = spawn<undefined, Job>(
      options.system,
      'spiller',
      async (_, job) => {
        await this.handle(job);
        return undefined;
      },
      { initialState: undefined },
    );
  }

  spill(file: number, memory: SharedArrayBuffer): void {
    dispatch(this.actor, { type: 'spill', file, memory });
  }

  /** @param memory to be used again; fresh memory is slower */
  restore(file: number, size: number, memory: SharedArrayBuffer | undefined): void {
    dispatch(this.actor, { type: 'restore', file, size, memory });
  }

  unlink(file: number): void {
    dispatch(this.actor, { type: 'unlink', file });
  }

  /** Removes what killed processes have left. */
  sweep(): void {
    dispatch(this.actor, { type: 'sweep' });
  }

  /** Removes all files, at once: nothing is read any more. */
  close(): void {
    this.options.files.close();
  }

  private async handle(job: Job): Promise<void> {
    const { files, onSpilled, onRestored } = this.options;
    switch (job.type) {
      case 'spill':
        return files.write(job.file, job.memory).then(
          () => onSpilled(job.file),
          (error: unknown) => onSpilled(job.file, messageOf(error)),
        );
      case 'restore':
        return files.read(job.file, job.memory ?? job.size).then(
          (memory) => onRestored(job.file, { memory }),
          (error: unknown) => onRestored(job.file, { problem: messageOf(error) }),
        );
      case 'unlink':
        // What cannot be removed goes with the folder.
        return files.remove(job.file).catch(() => {});
      case 'sweep':
        return removeStaleFolders();
    }
  }
}

const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);
