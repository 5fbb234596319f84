import type { SchedulerEvent } from '../../../lib/raylet/scheduler/events';
import type { Instruction } from '../../../lib/raylet/scheduler/instructions';
import type { Random } from './random';

type Job = Extract<Instruction, { type: 'spill' | 'restore' | 'unlink' }>;
type Done = SchedulerEvent extends infer E
  ? E extends { type: 'spilled' | 'restored' }
    ? Omit<E, 'at'>
    : never
  : never;

/** A disk that may be full, and that loses what was written now and then. */
export class SimDisk {
  /** How often bytes came back, and how often they were lost. */
  restored = 0;
  lost = 0;
  private readonly files = new Map<number, number>();
  private readonly jobs: Job[] = [];

  take(job: Job): void {
    this.jobs.push(job);
  }

  /** How many files there are. */
  get size(): number {
    return this.files.size;
  }

  /** Does what was asked for first; answers what is to be told of that. */
  work(random: Random): Done | undefined {
    const job = this.jobs.shift();
    switch (job?.type) {
      case 'spill':
        if (this.files.has(job.file)) throw new Error(`the file ${job.file} is written twice`);
        this.files.set(job.file, job.memory.byteLength);
        if (!random.chance(0.1)) return { type: 'spilled', file: job.file };
        return { type: 'spilled', file: job.file, problem: 'it is full' };
      case 'restore': {
        const { file, size } = job;
        if (this.files.get(file) !== size) throw new Error(`the file ${file} is not there`);
        if (random.chance(0.15)) {
          this.lost += 1;
          return { type: 'restored', file, problem: 'its checksum is wrong' };
        }
        this.restored += 1;
        const { memory = new SharedArrayBuffer(size) } = job;
        return { type: 'restored', file, memory };
      }
      case 'unlink':
        if (!this.files.delete(job.file)) throw new Error(`the file ${job.file} is gone already`);
        return undefined;
      default:
        return undefined;
    }
  }
}
