import type { ActorId, WorkerId } from '../../base/ids';
import type { LogLine } from '../../protocol/messages';
import { actorLabel, workerLabel } from '../../protocol/labels';

type Descriptor = 1 | 2;

export interface LogsOptions {
  /** Writes to the driver's output; has written when it answers. */
  readonly write: (fd: Descriptor, text: string) => void;
  /** False: lines are only remembered for errors (`init({ logToDriver: false })`). */
  readonly shown: boolean;
}

/** One write of a worker's user code. */
export interface OutputChunk {
  readonly fd: Descriptor;
  readonly text: string;
  readonly source: string;
}

/** How many lines of a worker are kept for the errors that tell of its end. */
const KEPT_LINES = 20;

/** Characters after which a line is shown though it has no end: a progress bar may never have one. */
const LONGEST_LINE = 1_000_000;

/** Puts the prefix on the source of a line: `(square worker=2) ` or `(Counter 5f2c) `. */
export type Prefix = (source: string) => string;

/** Turns what workers write into whole lines with a prefix, in the order it came. */
export class Logs {
  private readonly workers = new Map<WorkerId, WorkerLines>();

  constructor(private readonly options: LogsOptions) {}

  /** Says how the worker's lines begin, from now on. */
  open(worker: WorkerId, prefix: Prefix): void {
    this.workers.set(worker, { prefix, partial: new Map(), last: [] });
  }

  receive(worker: WorkerId, { fd, text, source }: OutputChunk): void {
    const lines = this.workers.get(worker);
    if (lines === undefined) return;
    const key = `${fd}${source}`;
    const [first = '', ...pieces] = text.split('\n');
    // Put together without a look at what came before, or a line of many writes would cost their square.
    pieces.unshift((lines.partial.get(key)?.text ?? '') + first);
    let rest = pieces.pop() ?? '';
    if (rest.length >= LONGEST_LINE) {
      pieces.push(rest);
      rest = '';
    }
    if (rest === '') lines.partial.delete(key);
    else lines.partial.set(key, { fd, source, text: rest });
    this.show(lines, fd, source, pieces);
  }

  /** Shows the lines that the worker has begun and not ended. */
  flush(worker: WorkerId): void {
    const lines = this.workers.get(worker);
    if (lines === undefined) return;
    for (const { fd, source, text } of lines.partial.values()) this.show(lines, fd, source, [text]);
    lines.partial.clear();
  }

  flushAll(): void {
    for (const worker of this.workers.keys()) this.flush(worker);
  }

  /** The last whole lines of a worker, without prefix. */
  lastLines(worker: WorkerId): readonly LogLine[] {
    return this.workers.get(worker)?.last ?? [];
  }

  /** Shows what is left of the worker and forgets it. */
  close(worker: WorkerId): void {
    this.flush(worker);
    this.workers.delete(worker);
  }

  /** A line of the runtime itself. */
  warn(text: string): void {
    this.options.write(2, `(rayx) ${text}\n`);
  }

  private show(lines: WorkerLines, fd: Descriptor, source: string, whole: readonly string[]): void {
    if (whole.length === 0) return;
    const said = whole.slice(-KEPT_LINES).map((text) => ({ source, text }));
    lines.last = [...lines.last, ...said].slice(-KEPT_LINES);
    if (!this.options.shown) return;
    const prefix = lines.prefix(source);
    this.options.write(fd, whole.map((line) => `${prefix}${line}\n`).join(''));
  }
}

interface WorkerLines {
  readonly prefix: Prefix;
  readonly partial: Map<string, OutputChunk>;
  last: readonly LogLine[];
}

const LATE = ' (after end)';

/** For tasks: `(square worker=2) `, and `(square worker=2) (after end) ` for what they left behind. */
export function taskPrefix(worker: WorkerId): Prefix {
  const label = workerLabel(worker);
  return (source) => {
    const late = source.endsWith(LATE);
    const name = late ? source.slice(0, -LATE.length) : source;
    return `(${name === '' ? '' : `${name} `}${label})${late ? LATE : ''} `;
  };
}

/** For actors that share a thread, whose output says itself whose it is: `(Counter 5f2c) `. */
export function hostPrefix(worker: WorkerId): Prefix {
  return (source) => `(${source === '' ? workerLabel(worker) : source}) `;
}

/** For the one actor on a thread: `(Counter 5f2c) `. */
export function actorPrefix(name: string, actor: ActorId): Prefix {
  return () => `(${actorLabel(name, actor)}) `;
}
