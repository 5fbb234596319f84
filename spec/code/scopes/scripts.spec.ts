import { expect } from 'chai';
import type { Inspector } from '../../../lib/code/scopes/inspector';
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
});
