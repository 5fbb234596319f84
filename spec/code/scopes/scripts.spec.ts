import { expect } from 'chai';
import type { Inspector, Look } from '../../../lib/code/scopes/inspector';
import { Scripts } from '../../../lib/code/scopes/scripts';

const script = { scriptId: '7', url: 'file:///app/main.js', startLine: 0, startColumn: 0 };

describe('code: the table of scripts', () => {
  it('has no script of a URL whose text V8 has dropped', () => {
    const inspector: Pick<Inspector, 'withScripts'> = {
      withScripts(parsed, read) {
        parsed(script);
        read(() => {
          throw new Error('No script for id: 7');
        });
      },
    };
    expect(new Scripts(inspector as Inspector).byUrl(script.url)).to.equal(undefined);
  });

  it('asks for the text of a file once, whatever runtimes come and go', () => {
    let asked = 0;
    const inspectorOf = (url: string, id: string): Inspector => {
      const inspector: Pick<Inspector, 'withScripts'> = {
        withScripts(parsed, read) {
          asked += 1;
          parsed({ ...script, url, scriptId: id });
          read(() => `text of ${id}`);
        },
      };
      return inspector as Inspector;
    };
    const look = (id: string): Look => ({
      scopes: [],
      location: { scriptId: id, lineNumber: 0, columnNumber: 0 },
      privates: new Map(),
    });
    const twice = (url: string, id: string): number => {
      asked = 0;
      for (const text of [`text of ${id}`, `text of ${id}`]) {
        const scripts = new Scripts(inspectorOf(url, id));
        expect(scripts.at(look(id))?.source).to.equal(text);
        expect(scripts.urlAt(look(id))).to.equal(url);
      }
      return asked;
    };
    expect(twice('file:///app/main.js', 'once 1')).to.equal(1);
    // Such texts may be made without end, and go with their runtime.
    for (const url of ['', 'file:///app/main.js?rayx', 'file:///app/main.js%3Frayx']) {
      expect(twice(url, `once ${url}`), url).to.equal(2);
    }
  });
});
