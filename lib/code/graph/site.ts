import { fileURLToPath } from 'node:url';
import { isStrictAt, offsetAt, positionAt } from '../analysis/script';
import type { Look } from '../scopes/inspector';
import type { ScriptText } from '../scopes/script-text';
import type { Place } from './nodes';

/** Where a function stands in its script, and what it sees from there. */
export interface Site {
  readonly fn: object;
  readonly source: string;
  readonly look: Look;
  readonly script: ScriptText;
  /** Where its source begins in the script's text. */
  readonly offset: number;
}

const rebuiltEnding = /(?:\?|%3F)rayx$/i;

export function siteOf(fn: object, source: string, look: Look, script: ScriptText): Site {
  const at = look.location
    ? offsetAt(script, look.location.lineNumber, look.location.columnNumber)
    : 0;
  const before = script.source.lastIndexOf(source, at);
  const offset = before >= 0 ? before : Math.max(0, script.source.indexOf(source));
  return { fn, source, look, script, offset };
}

/** The file as stack traces name it: a URL for ES modules, a path for all else. */
export function fileOf(script: ScriptText): string {
  const url = script.url.replace(rebuiltEnding, '');
  if (script.isModule || !url.startsWith('file://')) return url;
  return fileURLToPath(url);
}

export function placeOf({ script, offset }: Site): Place {
  return { file: fileOf(script), ...positionAt(script, offset) };
}

/** Up to Node 24 plain functions tell by themselves: sloppy ones own a `caller`. */
export function isStrict({ fn, script, offset }: Site): boolean {
  return !Object.hasOwn(fn, 'caller') && isStrictAt(script, offset);
}
