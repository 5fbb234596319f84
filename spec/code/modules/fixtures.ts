import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Inspector } from '../../../lib/code/scopes/inspector';
import { Scripts } from '../../../lib/code/scopes/scripts';
import type { ScriptText } from '../../../lib/code/scopes/script-text';
import { createModuleIndex } from '../../../lib/code/modules/module-index';
import type { ModuleIndex } from '../../../lib/code/modules/types';

/** Path of a fixture. */
export const fixture = (name: string): string => join(__dirname, 'fixtures', name);

/** Its URL. */
export const fixtureUrl = (name: string): string => pathToFileURL(fixture(name)).href;

/** `require` that loads a fixture as a user's program would. */
export const load = <T = Record<string, unknown>>(name: string): T =>
  createRequire(__filename)(fixture(name)) as T;

/** What stands for rayx's own exports. */
export const self = { remote: () => 'remote', get: () => 'get' };

/** An index over this thread's modules and scripts. */
export function indexFor(entry?: string): ModuleIndex {
  const scripts = new Scripts(new Inspector());
  return createModuleIndex({ self: () => self, entry, scripts });
}

/** An ES module's text as V8 would have it. */
export function scriptOf(name: string, source?: string): ScriptText {
  return {
    id: name,
    url: fixtureUrl(name),
    source: source ?? readFileSync(fixture(name), 'utf8'),
    isModule: true,
    sourceMapURL: '',
    startLine: 0,
    startColumn: 0,
  };
}
