import { expect } from 'chai';
import { writeFully } from '../../lib/raylet/logs/descriptor';
import { actorPrefix, hostPrefix, Logs, taskPrefix } from '../../lib/raylet/logs/logs';

describe('logs', () => {
  let written: [fd: number, text: string][];
  let logs: Logs;

  const open = (shown: boolean): void => {
    written = [];
    logs = new Logs({ shown, write: (fd, text) => written.push([fd, text]) });
    logs.open('node-2', taskPrefix('node-2'));
  };
  const print = (text: string, source = 'square', fd: 1 | 2 = 1): void =>
    logs.receive('node-2', { fd, text, source });

  beforeEach(() => open(true));

  it('prefix each line with the task and the number of its worker', () => {
    print('one\ntwo\n');
    expect(written).to.deep.equal([[1, '(square worker=2) one\n(square worker=2) two\n']]);
  });

  it('put lines together that come in pieces', () => {
    print('a ');
    expect(written).to.deep.equal([]);
    print('line\nthe ');
    print('next\n');
    expect(written.map(([, text]) => text)).to.deep.equal([
      '(square worker=2) a line\n',
      '(square worker=2) the next\n',
    ]);
  });

  it('show what has no end after a million characters, however it came', () => {
    const piece = '.'.repeat(10);
    for (let count = 0; count < 250_000; count += 1) print(piece);
    expect(written.map(([, text]) => text.length)).to.deep.equal(
      Array.from({ length: 2 }, () => '(square worker=2) \n'.length + 1_000_000),
    );
  });

  it('keep pieces of different tasks and descriptors apart', () => {
    print('squ');
    print('cu', 'cube');
    print('oops\n', 'square', 2);
    print('are\n');
    print('be\n', 'cube');
    expect(written).to.deep.equal([
      [2, '(square worker=2) oops\n'],
      [1, '(square worker=2) square\n'],
      [1, '(cube worker=2) cube\n'],
    ]);
  });

  it('say of a line that its task has ended', () => {
    print('late\n', 'square (after end)');
    expect(written).to.deep.equal([[1, '(square worker=2) (after end) late\n']]);
  });

  it('name the worker alone where no task is known', () => {
    print('loading\n', '');
    expect(written).to.deep.equal([[1, '(worker=2) loading\n']]);
  });

  it('prefix the lines of an actor with its class and the start of its id', () => {
    logs.open('node-2', actorPrefix('Counter', '5f2c19aa00'));
    print('hello\n', 'Counter');
    expect(written).to.deep.equal([[1, '(Counter 5f2c) hello\n']]);
  });

  it('prefix the lines of actors that share a thread with what each says it is', () => {
    logs.open('node-2', hostPrefix('node-2'));
    print('hello\n', 'Counter 5f2c');
    print('loading\n', '');
    expect(written.map(([, text]) => text)).to.deep.equal([
      '(Counter 5f2c) hello\n',
      '(worker=2) loading\n',
    ]);
  });

  it('show what has no end of line when it is asked for, or when the worker is gone', () => {
    print('one');
    logs.flushAll();
    print('two');
    logs.close('node-2');
    expect(written.map(([, text]) => text)).to.deep.equal([
      '(square worker=2) one\n',
      '(square worker=2) two\n',
    ]);
  });

  it('remember the last lines of a worker, shown or not', () => {
    for (const shown of [true, false]) {
      open(shown);
      for (let line = 1; line <= 24; line += 1) print(`${line}\n`);
      const texts = logs.lastLines('node-2').map(({ text }) => text);
      expect(texts).to.deep.equal(Array.from({ length: 20 }, (_, at) => String(at + 5)));
      expect(logs.lastLines('node-2')[0]?.source).to.equal('square');
      expect(written.length > 0).to.equal(shown);
    }
  });
});

describe('writing to a descriptor', () => {
  it('goes on where a write stopped short, and waits for a pipe that is full', () => {
    const answers = [3, 'EAGAIN', 2, 'EAGAIN', 3];
    let out = '';
    writeFully(1, 'größte', ((_fd: number, bytes: Buffer, offset: number) => {
      const answer = answers.shift();
      if (typeof answer !== 'number') throw Object.assign(new Error('full'), { code: answer });
      out += bytes.subarray(offset, offset + answer).toString('latin1');
      return answer;
    }) as never);
    expect(Buffer.from(out, 'latin1').toString()).to.equal('größte');
    expect(answers).to.deep.equal([]);
  });

  it('gives up where nobody reads any longer', () => {
    const gone = (): never => {
      throw Object.assign(new Error('gone'), { code: 'EPIPE' });
    };
    expect(() => writeFully(1, 'text', gone)).not.to.throw();
  });
});
