import { mkdir, open, rm, type FileHandle } from 'node:fs/promises';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';

/** Bytes that are written or read in one turn: others have the thread in between, a few milliseconds later. */
const CHUNK = 4 * 2 ** 20;

/** Bytes of the object store on disk: numbered files, each with a checksum, in a folder of their own. */
export class SpillFiles {
  private readonly checksums = new Map<number, number>();
  private chunk: Buffer | undefined;
  private closed = false;

  /** @param folder made with the first file, for nobody else to read */
  constructor(private readonly folder: string) {}

  /** @throws what the system says where they cannot be written */
  async write(file: number, memory: SharedArrayBuffer): Promise<void> {
    if (this.closed) throw new Error('the runtime ends');
    await this.makeFolder();
    const handle = await open(this.path(file), 'w', 0o600);
    try {
      this.checksums.set(file, await this.copyOut(memory, handle));
    } finally {
      await handle.close();
      // It was made while all of them went.
      if (this.closed) this.close();
    }
  }

  /** Not those above it: one that TMPDIR names by mistake is told of as missing. */
  private async makeFolder(): Promise<void> {
    try {
      await mkdir(this.folder, { mode: 0o700 });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }

  /**
   * @param into memory of the size of the file, or that size
   * @throws what the system says, or an Error where the bytes are not those that were written
   */
  async read(file: number, into: SharedArrayBuffer | number): Promise<SharedArrayBuffer> {
    const handle = await open(this.path(file), 'r');
    try {
      const memory = typeof into === 'number' ? new SharedArrayBuffer(into) : into;
      const checksum = await copyIn(handle, memory);
      if (checksum !== this.checksums.get(file)) throw new Error('its checksum is wrong');
      return memory;
    } finally {
      await handle.close();
    }
  }

  async remove(file: number): Promise<void> {
    this.checksums.delete(file);
    await rm(this.path(file), { force: true });
  }

  /** Removes the folder, now. Nothing is written any more. */
  close(): void {
    this.closed = true;
    try {
      rmSync(this.folder, { recursive: true, force: true });
    } catch {
      // It goes at the next start, if it is there.
    }
  }

  /** Whoever has the memory may still write to it, though they should not: what is summed is what is written. */
  private async copyOut(memory: SharedArrayBuffer, handle: FileHandle): Promise<number> {
    const chunk = (this.chunk ??= Buffer.allocUnsafeSlow(CHUNK));
    let checksum = 0;
    for (let from = 0; from < memory.byteLength && !this.closed; from += CHUNK) {
      const length = Math.min(CHUNK, memory.byteLength - from);
      chunk.set(new Uint8Array(memory, from, length));
      checksum = crc32(chunk.subarray(0, length), checksum);
      for (let written = 0; written < length;) {
        const { bytesWritten } = await handle.write(chunk, written, length - written, null);
        written += bytesWritten;
      }
    }
    return checksum;
  }

  private path(file: number): string {
    return join(this.folder, `${file}.bin`);
  }
}

async function copyIn(handle: FileHandle, memory: SharedArrayBuffer): Promise<number> {
  const bytes = Buffer.from(memory);
  let checksum = 0;
  for (let at = 0; at < bytes.length;) {
    const length = Math.min(CHUNK, bytes.length - at);
    const { bytesRead } = await handle.read(bytes, at, length, at);
    if (bytesRead === 0) throw new Error('it is shorter than it was');
    checksum = crc32(bytes.subarray(at, at + bytesRead), checksum);
    at += bytesRead;
  }
  return checksum;
}
