import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildSync } from 'esbuild';
import { expect } from 'chai';
import * as ts from 'typescript';
import type { ScriptText } from '../../../lib/code/scopes/script-text';
import { createStackMapper } from '../../../lib/code/stacks/stack-mapper';

const written = `interface Wide {
  name: string;
}

export function work(): never {
  const wide: Wide = { name: 'x' };
  throw new Error(wide.name);
}
`;
/** Where \`new Error\` stands in the text above. */
const place = '7:9';

describe('mapping a stack', () => {
  const folder = join(__dirname, 'no such (folder)');
  const file = join(folder, 'main.ts');

  for (const [kind, script] of Object.entries(compilations(file))) {
    it(`leads to the file as written: ${kind}`, () => {
      const map = createStackMapper({ scripts: { byUrl: (url) => only(script, url) } });
      const at = placeOf(script.source);
      const stack = `Error: x\n    at work (${file}?rayx:${at})\n    at async ${file}?rayx:${at}`;
      const expected = `Error: x\n    at work (${file}:${place})\n    at async ${file}:${place}`;
      expect(map(stack)).to.equal(expected);
      expect(map(map(stack))).to.equal(expected);
    });
  }

  it('leads to the file as written by a map in a file beside the compiled one', () => {
    const root = mkdtempSync(join(tmpdir(), 'rayx-spec-'));
    try {
      const { outputText, sourceMapText = '' } = ts.transpileModule(written, {
        fileName: 'main.ts',
        compilerOptions: { module: ts.ModuleKind.CommonJS, sourceMap: true },
      });
      mkdirSync(join(root, 'dist'));
      writeFileSync(
        join(root, 'dist', 'main.js.map'),
        sourceMapText.replace('"main.ts"', '"../src/main.ts"'),
      );
      const built = join(root, 'dist', 'main.js');
      const script = scriptAt(built, outputText, 'main.js.map');
      const map = createStackMapper({ scripts: { byUrl: (url) => only(script, url) } });
      expect(map(`E\n    at work (${built}?rayx:${placeOf(outputText)})`)).to.equal(
        `E\n    at work (${join(root, 'src', 'main.ts')}:${place})`,
      );
    } finally {
      rmSync(root, { recursive: true });
    }
  });

  it('keeps the form of the name: a URL for ES modules', () => {
    const script = compilations(file)['inline map'];
    const map = createStackMapper({ scripts: { byUrl: (url) => only(script, url) } });
    const url = pathToFileURL(file).href;
    expect(map(`E\n    at ${url}?rayx:${placeOf(script.source)}`)).to.equal(
      `E\n    at ${url}:${place}`,
    );
  });

  describe('of plain JavaScript', () => {
    const map = createStackMapper({
      scripts: { byUrl: () => undefined },
      internal: ['/rayx/lib/'],
    });

    it('only takes the mark away', () => {
      expect(map('E: no\n    at new Foo (/app/a b.js?rayx:3:5)')).to.equal(
        'E: no\n    at new Foo (/app/a b.js:3:5)',
      );
      expect(map('E\n    at eval (eval at f (/a.js?rayx:1:2), <anonymous>:1:1)')).to.equal(
        'E\n    at eval (eval at f (/a.js:1:2), <anonymous>:1:1)',
      );
    });

    it('keeps the mark for a thread that knows the script, if asked to', () => {
      const partial = createStackMapper({ scripts: { byUrl: () => undefined }, keepUnknown: true });
      const stack = 'E: no\n    at work (/app/a.js?rayx:3:5)';
      expect(partial(stack)).to.equal(stack);
    });

    it('asks for a file that is not there once a second, however many frames name it', () => {
      let asked = 0;
      let time = 0;
      const byUrl = (): undefined => void (asked += 1);
      const map = createStackMapper({ scripts: { byUrl }, keepUnknown: true, now: () => time });
      const stack = 'E: no\n    at work (/app/a.js?rayx:3:5)\n    at main (/app/a.js?rayx:9:1)';
      for (; time < 1000; time += 100) map(stack);
      expect(asked).to.equal(1);
      map(stack);
      expect(asked).to.equal(2);
    });

    it('takes the frames of rayx away, and those of Node by which it calls the user', () => {
      const stack = [
        'Error: at (/rayx/lib/x.js:1:1) is in the message',
        '    at parse (/app/node_modules/pkg/index.js:8:1)',
        '    at Array.map (<anonymous>)',
        '    at AsyncLocalStorage.run (node:async_hooks:346:14)',
        '    at work (/app/main.js?rayx:3:5)',
        '    at new Promise (<anonymous>)',
        '    at AsyncLocalStorage.run (node:async_hooks:346:14)',
        '    at run (/rayx/lib/worker/tasks.js:10:1)',
        '    at async file:///rayx/lib/worker/tasks.js:12:1',
        '    at Actor.handle (/app/node_modules/nact/lib/actor.js:8:1)',
        '    at AsyncResource.runInAsyncScope (node:async_hooks:203:9)',
        '    at process.processTicksAndRejections (node:internal/process/task_queues:95:5)',
        '  submitted at',
        '    at main (/app/main.js:9:1)',
        '    at node:events:3:1',
      ];
      expect(map(stack.join('\n')).split('\n')).to.deep.equal([
        'Error: at (/rayx/lib/x.js:1:1) is in the message',
        '    at parse (/app/node_modules/pkg/index.js:8:1)',
        '    at Array.map (<anonymous>)',
        '    at AsyncLocalStorage.run (node:async_hooks:346:14)',
        '    at work (/app/main.js:3:5)',
        '  submitted at',
        '    at main (/app/main.js:9:1)',
      ]);
    });

    it('leaves the frames of Node where there are no others', () => {
      const stack = 'Error: read\n    at TCP.onStreamRead (node:net:217:20)';
      expect(map(stack)).to.equal(stack);
    });

    it('leaves a thrown text alone', () => {
      expect(map('plain text')).to.equal('plain text');
      expect(map('')).to.equal('');
    });
  });

  it('survives a map that is broken or gone', () => {
    for (const sourceMapURL of ['gone.js.map', 'data:application/json,{"version":', 'http://x/y']) {
      const script = scriptAt(file, 'x', sourceMapURL);
      const map = createStackMapper({ scripts: { byUrl: (url) => only(script, url) } });
      expect(map(`E\n    at f (${file}?rayx:1:2)`)).to.equal(`E\n    at f (${file}:1:2)`);
    }
  });
});

function compilations(file: string) {
  const compiled = ts.transpileModule(written, {
    fileName: file,
    compilerOptions: { module: ts.ModuleKind.CommonJS, inlineSourceMap: true },
  });
  const [bundle] = buildSync({
    stdin: { contents: written, sourcefile: file, loader: 'ts' },
    bundle: true,
    minify: true,
    sourcemap: 'inline',
    format: 'cjs',
    write: false,
    outfile: file,
  }).outputFiles;
  const inline = scriptAt(file, compiled.outputText, mapUrlIn(compiled.outputText));
  const bundled = scriptAt(file, bundle?.text ?? '', mapUrlIn(bundle?.text ?? ''));
  return { 'inline map': inline, 'a minified bundle': bundled };
}

function scriptAt(file: string, source: string, sourceMapURL: string): ScriptText {
  const url = pathToFileURL(file).href;
  return { id: '1', url, source, isModule: false, sourceMapURL, startLine: 0, startColumn: 0 };
}

function only(script: ScriptText, url: string): ScriptText | undefined {
  return url === script.url ? script : undefined;
}

function mapUrlIn(text: string): string {
  return /sourceMappingURL=(\S+)/.exec(text)?.[1] ?? '';
}

/** Line and column of \`new Error\` in a compiled text. */
function placeOf(source: string): string {
  const before = source.slice(0, source.search(/new Error/)).split('\n');
  return `${before.length}:${(before.at(-1)?.length ?? 0) + 1}`;
}
