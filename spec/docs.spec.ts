import { expect } from 'chai';
import { optionTable } from '../lib/base/options/table';
import {
  checkDocument,
  checkLinks,
  documents,
  readFromRepository,
  updateDocument,
  type ReadFile,
} from './support/docs-check';
import { checkTables, updateTables } from './support/docs-tables';

const sources: Record<string, string> = {
  'samples/a.ts': `import { get } from 'rayx';

async function main() {
  // #region start
  const value = await get(ref);
  // #region inner
  if (value) {
    console.log(value);
  }
  // #endregion
  // #endregion
}

// #region open
`,
};

const read: ReadFile = (path) => {
  const text = sources[path];
  if (text === undefined) throw new Error(`${path} is missing`);
  return text;
};

const region = 'const value = await get(ref);\nif (value) {\n  console.log(value);\n}';

function page(code: string, source?: string, language = 'ts'): string {
  const comment = source === undefined ? '' : `<!-- from ${source} -->\n\n`;
  return `# Title\n\n${comment}\`\`\`${language}\n${code}\n\`\`\`\n\nText.\n`;
}

describe('docs', () => {
  for (const document of documents()) {
    it(`${document} shows code that runs`, () => {
      const markdown = readFromRepository(document);
      expect(checkDocument(document, markdown, readFromRepository)).to.deep.equal([]);
    });
  }

  for (const document of documents()) {
    it(`${document} shows the tables of the code`, () => {
      expect(checkTables(document, readFromRepository(document))).to.deep.equal([]);
    });
  }

  for (const document of documents()) {
    it(`${document} has links that lead somewhere`, () => {
      const markdown = readFromRepository(document);
      expect(checkLinks(document, markdown, readFromRepository)).to.deep.equal([]);
    });
  }

  it('list the options of every place, and all errors', () => {
    const all = documents().map(readFromRepository).join('\n');
    const places = new Set(optionTable.flatMap((option) => option.places));
    for (const place of places) expect(all).to.include(`<!-- table of options of ${place} -->`);
    expect(all).to.include('<!-- table of errors -->');
  });

  describe('tables', () => {
    const stale = 'x\n<!-- table of options of get -->\nold\n<!-- end of table -->\ny\n';

    it('are made from the code, between their comments', () => {
      const fresh = updateTables(stale);
      expect(fresh).to.match(/^x\n<!-- table of options of get -->\n\n\| option \|/);
      expect(fresh).to.match(/\| `timeout` \| milliseconds, at least 0 \| no limit \| How long/);
      expect(fresh.endsWith('|\n\n<!-- end of table -->\ny\n')).to.be.true;
      expect(updateTables(fresh)).to.equal(fresh);
    });

    it('that are stale, or of nothing, are found', () => {
      expect(checkTables('x.md', stale)).to.deep.equal([
        'x.md: a table differs from the code: run npm run docs:update',
      ]);
      expect(checkTables('x.md', updateTables(stale))).to.deep.equal([]);
      const nothing = stale.replace('options of get', 'options of nothing');
      expect(() => checkTables('x.md', nothing)).to.throw('there are no options of nothing');
    });
  });

  describe('check', () => {
    it('accepts a block equal to its region, without markers and indentation', () => {
      expect(checkDocument('x.md', page(region, 'samples/a.ts#start'), read)).to.deep.equal([]);
    });

    it('accepts a region inside another', () => {
      const inner = 'if (value) {\n  console.log(value);\n}';
      expect(checkDocument('x.md', page(inner, 'samples/a.ts#inner'), read)).to.deep.equal([]);
    });

    it('finds a block that differs from its source', () => {
      const markdown = page(region.replace('value', 'other'), 'samples/a.ts#start');
      expect(checkDocument('x.md', markdown, read)).to.deep.equal([
        'x.md:5: differs from samples/a.ts#start: run npm run docs:update',
      ]);
    });

    it('finds a block without a source, whatever language or none', () => {
      for (const language of ['ts', 'typescript', 'js', 'json', '']) {
        const problems = checkDocument('x.md', page('x', undefined, language), read);
        expect(problems, language).to.have.length(1);
        expect(problems[0]).to.match(/^x\.md:3: a block of .* needs a source/);
      }
    });

    it('leaves commands, output, pictures and Python alone', () => {
      for (const language of ['sh', 'text', 'mermaid', 'python']) {
        expect(checkDocument('x.md', page('x', undefined, language), read)).to.deep.equal([]);
      }
    });

    it('names a file, folder or region that is not there, and a region without end', () => {
      const problems = ['samples/b.ts', 'lib/a.ts', 'samples/a.ts#gone', 'samples/a.ts#open'].map(
        (source) => checkDocument('x.md', page('x', source), read)[0],
      );
      expect(problems).to.deep.equal([
        'x.md:5: samples/b.ts is missing',
        'x.md:5: lib/a.ts is not a file that runs: take code from samples/ or spec/',
        'x.md:5: samples/a.ts has no // #region gone',
        'x.md:5: samples/a.ts: // #region open has no // #endregion',
      ]);
    });

    it('sees every block of a page, longer fences and unclosed ones too', () => {
      const markdown = '````ts\n```ts\n```\n````\n\n~~~ts\nx\n~~~\n\n- item\n\n  ```ts\n  x\n';
      expect(checkDocument('x.md', markdown, read).map((line) => line.split(':')[1])).to.deep.equal(
        ['1', '6', '12'],
      );
    });
  });

  describe('links', () => {
    it('to files and headings that are not there are found, those to other sites pass', () => {
      const text =
        '[a](tasks.md) [b](gone.md) [c](tasks.md#output) [d](#what-is-here) [e](https://a.b/c.md)\n' +
        '[f](tasks.md#gone)\n\n## What `is` here?\n';
      const page: ReadFile = (path) => (path === 'docs/tasks.md' ? '## Output\n' : text);
      expect(checkLinks('docs/x.md', text, page)).to.deep.equal([
        'docs/x.md: gone.md leads to no file',
        'docs/x.md: #what-is-here leads to no file',
        'docs/x.md: tasks.md#gone leads to no heading',
      ]);
      expect(checkLinks('docs/tasks.md', '[d](#what-is-here)', () => text)).to.deep.equal([]);
    });
  });

  describe('update', () => {
    it('brings in what the source says now, and changes nothing else', () => {
      const stale = page('old\nlines', 'samples/a.ts#start');
      const fresh = page(region, 'samples/a.ts#start');
      const free = page('npm test', undefined, 'sh');
      expect(updateDocument(stale + free + stale, read)).to.equal(fresh + free + fresh);
      expect(updateDocument(fresh, read)).to.equal(fresh);
    });

    it('fails on a source that is missing rather than keep old code', () => {
      expect(() => updateDocument(page('x', 'samples/b.ts'), read)).to.throw(
        'samples/b.ts is missing',
      );
    });
  });
});
