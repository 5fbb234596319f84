import { writeSync } from 'node:fs';

const pause = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));

/** Writes all of `text` to a descriptor before it answers. A reader that went away loses the rest. */
export function writeFully(fd: number, text: string, write: typeof writeSync = writeSync): void {
  const bytes = Buffer.from(text);
  let offset = 0;
  while (offset < bytes.length) {
    try {
      offset += write(fd, bytes, offset, bytes.length - offset);
    } catch (error) {
      // A full pipe that somebody made non-blocking: its reader needs a moment.
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return;
      Atomics.wait(pause, 0, 0, 1);
    }
  }
}
