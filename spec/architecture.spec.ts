import { expect } from 'chai';
import {
  danglingImports,
  doorViolations,
  eagerLoads,
  importCircles,
  layers,
  layerViolations,
  longFiles,
  starExports,
  wiringViolations,
} from './support/architecture';
import { readSourceTree, type SourceTree } from './support/source-tree';

/** What no thread may load at its start: these cost tens of milliseconds each. */
const heavyPackages = ['rxjs', 'superjson', 'acorn', 'eslint-scope'];

function treeOf(files: Record<string, string>): SourceTree {
  return new Map(Object.entries(files));
}

describe('architecture', () => {
  describe('of lib/', function () {
    // It parses everything: seconds, and more on a busy machine.
    this.timeout(60_000);
    const lib = readSourceTree('lib');

    it('has only the rooms of the plan', () => {
      const rooms = new Set([...lib.keys()].map((file) => file.split('/')[0]));
      expect([...rooms].filter((room) => !layers.flat().includes(room ?? ''))).to.deep.equal([]);
    });

    it('has no import that leads nowhere', () => {
      expect(danglingImports(lib)).to.deep.equal([]);
    });

    it('imports downward only', () => {
      expect(layerViolations(lib)).to.deep.equal([]);
    });

    it('brings client, raylet and worker together in entry/ only', () => {
      expect(wiringViolations(lib)).to.deep.equal([]);
    });

    it('has no circular import', () => {
      expect(importCircles(lib)).to.deep.equal([]);
    });

    it('uses nact, superjson and threads through their doors only', () => {
      expect(doorViolations(lib)).to.deep.equal([]);
    });

    it('makes one registry of finalizers for a thread, for ever', () => {
      const makers = [...lib].filter(([, text]) => text.includes('new FinalizationRegistry'));
      expect(makers.map(([file]) => file)).to.deep.equal(['base/garbage.ts']);
    });

    it('names every public export', () => {
      expect(starExports(lib, 'index.ts')).to.deep.equal([]);
    });

    it('loads nothing heavy when a worker or the raylet starts', () => {
      expect(eagerLoads(lib, 'entry/worker.ts', heavyPackages)).to.deep.equal([]);
      expect(eagerLoads(lib, 'entry/raylet.ts', heavyPackages)).to.deep.equal([]);
    });
  });

  for (const folder of ['lib', 'spec', 'samples']) {
    it(`has no file of more than 450 lines in ${folder}/`, () => {
      expect(longFiles(readSourceTree(folder))).to.deep.equal([]);
    });
  }

  describe('checks', () => {
    it('find an import that leads nowhere', () => {
      const tree = treeOf({ 'api/get.ts': `import { x } from '../client/gone';` });
      expect(danglingImports(tree)).to.deep.equal([
        'api/get.ts:1 imports ../client/gone, which is not here',
      ]);
    });

    it('find an upward import, of types too', () => {
      const tree = treeOf({
        'base/ids.ts': `\nimport type { Task } from '../protocol/messages';`,
        'protocol/messages.ts': `import { id } from '../base/ids';`,
      });
      expect(layerViolations(tree)).to.deep.equal([
        'base/ids.ts:2 imports upward: protocol/ is not below base/ (protocol/messages.ts)',
      ]);
    });

    it('find a sideways import, whatever its form', () => {
      const forms = [
        `export { a } from '../worker/tasks';`,
        `import tasks = require('../worker/tasks');`,
        `const tasks = require('../worker/tasks');`,
        `const tasks = import('../worker/tasks');`,
        `let task: import('../worker/tasks').Task;`,
        `import '../worker/tasks.js';`,
      ];
      for (const form of forms) {
        const tree = treeOf({ 'client/refs.ts': form, 'worker/tasks.ts': '' });
        expect(layerViolations(tree), form).to.deep.equal([
          'client/refs.ts:1 imports sideways: worker/ is not below client/ (worker/tasks.ts)',
        ]);
      }
    });

    it('find a room that is not in the plan', () => {
      const tree = treeOf({
        'api/get.ts': `import '../misc/things';`,
        'misc/things.ts': `import '../base/ids';`,
        'base/ids.ts': '',
      });
      expect(layerViolations(tree)).to.deep.equal([
        'misc/things.ts: no such room: misc',
        'misc/things.ts: no such room: misc',
      ]);
    });

    it('find a file outside entry/ that wires two rooms', () => {
      const wiring = `import '../client/refs';\nimport '../worker/tasks';`;
      const rooms = { 'client/refs.ts': '', 'worker/tasks.ts': '' };
      expect(wiringViolations(treeOf({ ...rooms, 'entry/worker.ts': wiring }))).to.deep.equal([]);
      expect(wiringViolations(treeOf({ ...rooms, 'api/get.ts': wiring }))).to.deep.equal([
        'api/get.ts wires client and worker: only entry/ may',
      ]);
    });

    it('find circles of two, three and one', () => {
      const tree = treeOf({
        'base/a.ts': `import './b';`,
        'base/b.ts': `import type { A } from './a';`,
        'data/c.ts': `import './d';`,
        'data/d.ts': `import './e';`,
        'data/e.ts': `const c = () => require('./c');`,
        'nact/self.ts': `import './self';`,
        'nact/fine.ts': `import './self';`,
      });
      expect(importCircles(tree)).to.deep.equal([
        'base/a.ts → base/b.ts → base/a.ts',
        'data/c.ts → data/d.ts → data/e.ts → data/c.ts',
        'nact/self.ts → nact/self.ts',
      ]);
    });

    it('find packages used beside their door', () => {
      const tree = treeOf({
        'nact/system.ts': `import { start } from 'nact';`,
        'data/codec.ts': `import type { SuperJSON } from 'superjson';`,
        'client/futures.ts': `import type { SuperJSON } from 'superjson';`,
        'worker/tasks.ts': `const spawn = () => require('nact/lib/actor').spawn;`,
      });
      expect(doorViolations(tree)).to.deep.equal([
        'client/futures.ts imports superjson: only data/ may',
        'worker/tasks.ts imports nact: only nact/ may',
      ]);
    });

    it('find thread values beside their door, and let types pass', () => {
      const value = `import { Worker } from 'node:worker_threads';\nnew Worker('');`;
      const type = `import { MessagePort } from 'worker_threads';\nexport let port: MessagePort;`;
      const files = {
        'entry/driver.ts': value,
        'raylet/pool.ts': value,
        'raylet/pool/start.ts': value,
        'protocol/channel.ts': type,
        'raylet/poolside.ts': value,
        'client/refs.ts': `export const port = () => require('node:worker_threads').parentPort;`,
      };
      expect(doorViolations(treeOf(files))).to.deep.equal([
        'raylet/poolside.ts imports worker_threads: only entry/ and raylet/pool may',
        'client/refs.ts imports worker_threads: only entry/ and raylet/pool may',
      ]);
    });

    it('find a file that is too long', () => {
      const tree = treeOf({ 'base/a.ts': 'x\n'.repeat(450), 'base/b.ts': 'x\n'.repeat(451) });
      expect(longFiles(tree)).to.deep.equal(['base/b.ts has 451 lines, more than 450: split it']);
    });

    it('find a star export', () => {
      const index = `export { get } from './api/get';\nexport * from './api/wait';\nexport type * from './x';`;
      expect(starExports(treeOf({ 'index.ts': index }), 'index.ts')).to.deep.equal([
        'index.ts:2: name what is exported',
        'index.ts:3: name what is exported',
      ]);
      expect(starExports(treeOf({}), 'index.ts')).to.deep.equal(['index.ts is missing']);
    });

    it('find a heavy package on the road of a start, and let types and lazy loads pass', () => {
      const tree = treeOf({
        'entry/worker.ts': `import { codec } from '../data/codec';\nimport '../client/refs';\ncodec();`,
        'data/codec.ts': `export function codec() { return require('superjson'); }`,
        'client/refs.ts': `import { Observable } from 'rxjs';\nimport './futures';\nexport let o: Observable<1>;`,
        'client/futures.ts': `import { of } from 'rxjs/operators';\nexport const one = of(1);`,
        'client/unused.ts': `import 'acorn';`,
      });
      expect(eagerLoads(tree, 'entry/worker.ts', heavyPackages)).to.deep.equal([
        'entry/worker.ts → client/refs.ts → client/futures.ts → rxjs: load it on first need, inside a function',
      ]);
      expect(eagerLoads(tree, 'entry/raylet.ts', heavyPackages)).to.deep.equal([
        'entry/raylet.ts is missing',
      ]);
    });
  });
});
