import { expect } from 'chai';
import { threadFlags, threadNodeOptions, withGrantedFlags } from '../../lib/entry/exec-argv';

describe('flags of threads', () => {
  const cases: [what: string, flags: string[], kept: string[]][] = [
    ['keep settings', ['--no-warnings', '--conditions=dev'], ['--no-warnings', '--conditions=dev']],
    ['keep conditions with their value', ['-C', 'dev'], ['-C', 'dev']],
    [
      'keep preloads of the user',
      ['-r', './setup.js', '--import=./hooks.mjs'],
      ['-r', './setup.js', '--import=./hooks.mjs'],
    ],
    [
      'drop tsx',
      [
        '--require',
        '/app/node_modules/tsx/dist/preflight.cjs',
        '--import',
        'file:///app/node_modules/tsx/dist/loader.mjs',
      ],
      [],
    ],
    [
      'drop ts-node',
      ['-r', 'ts-node/register', '--loader=ts-node/esm', '--no-warnings'],
      ['--no-warnings'],
    ],
    ['drop the inspector', ['--inspect=0', '--inspect-brk', '--inspect-port=9230'], []],
    ['drop what is a program by itself', ['--eval', 'code()', '--test', '--watch'], []],
    [
      'do not take a name for a loader that only contains one',
      ['-r', './prefix-tsxyz.js'],
      ['-r', './prefix-tsxyz.js'],
    ],
  ];
  for (const [what, flags, kept] of cases) {
    it(what, () => expect(threadFlags(flags)).to.deep.equal(kept));
  }

  it('filter NODE_OPTIONS in the same way', () => {
    expect(threadNodeOptions('--import tsx  --no-warnings')).to.equal('--no-warnings');
    expect(threadNodeOptions('--import tsx')).to.equal(undefined);
  });

  describe('that Node refuses', () => {
    /** Starts like a Worker does. */
    const start = (flags: readonly string[]): readonly string[] => {
      const refused = flags.filter((flag) => flag.startsWith('--v8'));
      if (refused.length === 0) return flags;
      const message = `Initiated Worker with invalid execArgv flags: ${refused.join(', ')}`;
      throw Object.assign(new Error(message), { code: 'ERR_WORKER_INVALID_EXEC_ARGV' });
    };

    it('are left out, and the others tried again', () => {
      const { started, flags } = withGrantedFlags(['--v8-a', '--no-warnings', '--v8-b=1'], start);
      expect(started).to.deep.equal(['--no-warnings']);
      expect(flags).to.deep.equal(['--no-warnings']);
    });

    it('do not hide other errors', () => {
      const fail = (): never => {
        throw new Error('no memory');
      };
      expect(() => withGrantedFlags(['--no-warnings'], fail)).to.throw('no memory');
    });
  });
});
