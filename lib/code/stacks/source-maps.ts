import { readFileSync } from 'node:fs';
import { SourceMap, type SourceMapPayload } from 'node:module';
import type { ScriptText } from '../scopes/script-text';

/** A place in a file, counted from 1 as stacks do. */
export interface Position {
  /** `file://` URL. */
  readonly url: string;
  readonly line: number;
  readonly column: number;
}

/** Where compiled text came from, by the map that the compiler left. */
export class SourceMaps {
  private readonly maps = new Map<string, { source: string; map: SourceMap | undefined }>();

  /** The place as written, or undefined when no map knows it. */
  original(script: ScriptText, line: number, column: number): Position | undefined {
    const map = this.mapOf(script);
    const entry = map?.findEntry(line - 1, column - 1);
    if (!map || !entry || !('originalSource' in entry) || !entry.originalSource) return undefined;
    const url = resolveSource(entry.originalSource, map.payload.sourceRoot, mapUrl(script));
    if (url === undefined) return undefined;
    return { url, line: entry.originalLine + 1, column: entry.originalColumn + 1 };
  }

  private mapOf(script: ScriptText): SourceMap | undefined {
    const known = this.maps.get(script.url);
    if (known?.source === script.source) return known.map;
    const map = readMap(script);
    this.maps.set(script.url, { source: script.source, map });
    return map;
  }
}

function readMap(script: ScriptText): SourceMap | undefined {
  if (script.sourceMapURL === '') return undefined;
  try {
    return new SourceMap(JSON.parse(readText(script)) as SourceMapPayload);
  } catch {
    // A map that is missing or broken must not hide the error whose stack is being told.
    return undefined;
  }
}

function readText(script: ScriptText): string {
  const inline = /^data:[^,]*?(;base64)?,(.*)$/s.exec(script.sourceMapURL);
  if (!inline) return readFileSync(new URL(script.sourceMapURL, script.url), 'utf8');
  const [, base64, body = ''] = inline;
  return base64 ? Buffer.from(body, 'base64').toString() : decodeURIComponent(body);
}

/** What the sources of a map are relative to. */
function mapUrl(script: ScriptText): string {
  const inline = script.sourceMapURL.startsWith('data:');
  return inline ? script.url : new URL(script.sourceMapURL, script.url).href;
}

function resolveSource(source: string, root: string | undefined, base: string): string | undefined {
  try {
    const folder = root ? new URL(root.replace(/\/?$/, '/'), base) : base;
    const url = new URL(source, folder);
    return url.protocol === 'file:' ? url.href : undefined;
  } catch {
    return undefined;
  }
}
