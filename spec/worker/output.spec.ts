import { expect } from 'chai';
import { Output } from '../../lib/worker/output';

describe('the output of a worker', () => {
  /** The two streams of a thread, whose writes are gathered. */
  function capture() {
    const stdout = { write: () => true } as unknown as NodeJS.WriteStream;
    const stderr = { write: () => true } as unknown as NodeJS.WriteStream;
    const chunks: [fd: number, text: string, source: string][] = [];
    const output = new Output((...chunk) => chunks.push(chunk));
    output.install(stdout, stderr);
    return { stdout, stderr, chunks };
  }

  it('goes where it was written', () => {
    const { stdout, stderr, chunks } = capture();
    expect(stdout.write('out\n')).to.equal(true);
    stderr.write('err\n');
    expect(chunks).to.deep.equal([
      [1, 'out\n', ''],
      [2, 'err\n', ''],
    ]);
  });

  it('may be bytes, cut anywhere', () => {
    const { stdout, chunks } = capture();
    const bytes = Buffer.from('größe');
    stdout.write(bytes.subarray(0, 3));
    stdout.write(new Uint8Array(bytes.subarray(3)));
    expect(chunks.map(([, text]) => text).join('')).to.equal('größe');
  });

  it('may be a string that stands for bytes', () => {
    const { stdout, chunks } = capture();
    stdout.write('aGk=', 'base64');
    stdout.write('hi', 'utf8');
    expect(chunks.map(([, text]) => text)).to.deep.equal(['hi', 'hi']);
  });

  it('tells whoever asks when it is written', async () => {
    const { stdout } = capture();
    await new Promise<void>((resolve) => stdout.write('a', () => resolve()));
    await new Promise<void>((resolve) => stdout.write('b', 'utf8', () => resolve()));
  });
});
