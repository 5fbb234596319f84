import { expect } from 'chai';
import { UsageError } from '../support/command';
import { parseOptions, usage } from './options';

const known = ['actors', 'objects', 'tasks'];

describe('options of the benchmarks', () => {
  it('run all groups in full unless something else is said', () => {
    expect(parseOptions([], known)).to.deep.equal({
      help: false,
      groups: known,
      quick: false,
      ray: false,
      updateDocs: false,
      json: undefined,
      from: undefined,
    });
  });

  it('choose groups, speed, Ray and a file', () => {
    const options = parseOptions(
      ['tasks', 'actors', '--quick', '--ray', '--json', 'x.json'],
      known,
    );
    expect(options).to.include({ quick: true, ray: true, json: 'x.json' });
    expect(options.groups).to.deep.equal(['actors', 'tasks']);
  });

  it('refuse unknown groups and options, naming what there is', () => {
    const groups = () => parseOptions(['task', 'objects'], known);
    expect(groups).to.throw(UsageError, 'no such group: task. There are: actors, objects, tasks');
    expect(() => parseOptions(['--fast'], known)).to.throw(UsageError, '--fast');
    expect(() => parseOptions(['--json'], known)).to.throw(UsageError, '--json');
  });

  it('keep results of a part or a trial out of the docs', () => {
    for (const args of [['tasks'], ['--quick']]) {
      expect(() => parseOptions(['--update-docs', ...args], known)).to.throw(
        UsageError,
        'full run',
      );
    }
    const all = parseOptions(['--update-docs', ...known], known);
    expect(all.updateDocs).to.be.true;
  });

  it('run nothing with --from', () => {
    for (const other of ['tasks', '--quick', '--ray', '--json=y.json']) {
      const both = () => parseOptions(['--from', 'x.json', other], known);
      expect(both, other).to.throw(UsageError, '--from runs nothing');
    }
  });

  it('are all in the help, with the groups', () => {
    const text = usage(known);
    for (const option of ['quick', 'ray', 'json', 'from', 'update-docs', 'help']) {
      expect(text).to.include(`--${option} `);
    }
    expect(text).to.include('actors, objects, tasks');
  });
});
