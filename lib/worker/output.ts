import { StringDecoder } from 'node:string_decoder';
import { currentCall, type UserCall } from './call';

type Descriptor = 1 | 2;
type Write = NodeJS.WriteStream['write'];

/** One write of user code, as it goes to the raylet. */
export type Emit = (fd: Descriptor, text: string, source: string) => void;

/**
 * Takes the place of `process.stdout.write` and `process.stderr.write`, through which `console` goes
 * too: Node's own streams of a worker lose lines when it ends or spins.
 */
export class Output {
  private readonly openLines = new WeakMap<UserCall, Set<Descriptor>>();
  private readonly decoders = { 1: new StringDecoder('utf8'), 2: new StringDecoder('utf8') };

  constructor(private readonly emit: Emit) {}

  install(stdout: NodeJS.WriteStream, stderr: NodeJS.WriteStream): void {
    stdout.write = this.writer(1);
    stderr.write = this.writer(2);
  }

  /** A line of rayx itself, said in the name of a call. */
  note(source: string, text: string): void {
    this.emit(2, `${text}\n`, source);
  }

  /** Ends a line that the call has left open, so that it is shown with the call's other lines. */
  endLine(call: UserCall): void {
    for (const fd of this.openLines.get(call) ?? []) this.emit(fd, '\n', sourceOf(call));
    this.openLines.delete(call);
  }

  private writer(fd: Descriptor): Write {
    return (chunk: Uint8Array | string, encoding?: unknown, callback?: unknown): boolean => {
      const text =
        typeof chunk !== 'string'
          ? this.decoders[fd].write(Buffer.from(chunk))
          : isByteEncoding(encoding)
            ? this.decoders[fd].write(Buffer.from(chunk, encoding))
            : chunk;
      this.write(fd, text);
      const done = typeof encoding === 'function' ? encoding : callback;
      if (typeof done === 'function') process.nextTick(done);
      return true;
    };
  }

  private write(fd: Descriptor, text: string): void {
    if (text === '') return;
    const call = currentCall();
    if (call && !call.context.ended) this.noteOpenLine(call, fd, !text.endsWith('\n'));
    this.emit(fd, text, sourceOf(call));
  }

  private noteOpenLine(call: UserCall, fd: Descriptor, open: boolean): void {
    const lines = this.openLines.get(call);
    if (!open) lines?.delete(fd);
    else if (lines) lines.add(fd);
    else this.openLines.set(call, new Set([fd]));
  }
}

/** Who writes: the task, the actor's class, or nobody known (code that runs while a module loads). */
export function sourceOf(call: UserCall | undefined): string {
  if (call === undefined) return '';
  const late = call.context.ended && call.context.actor === undefined;
  return late ? `${call.label} (after end)` : call.label;
}

/** Encodings in which a string stands for bytes. */
function isByteEncoding(encoding: unknown): encoding is 'hex' | 'base64' | 'base64url' | 'latin1' {
  return ['hex', 'base64', 'base64url', 'latin1', 'binary'].includes(encoding as string);
}
