import { resolve, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { ScriptsTable, ScriptText } from '../scopes/script-text';
import { mark } from './marks';
import { SourceMaps } from './source-maps';

export interface StackMapperOptions {
  /** The scripts of the thread whose texts were sent. */
  readonly scripts: Pick<ScriptsTable, 'byUrl'>;
  /**
   * Keep the mark where this thread does not know the script, so that the one that does can still
   * map the place. Default false: nobody else will.
   */
  readonly keepUnknown?: boolean;
  /** Folders whose frames are nobody's business but ours; the folder of rayx by default. */
  readonly internal?: readonly string[];
}

/**
 * Turns the stack of another thread into one about the user's files as written.
 *
 * Frames of texts that were sent bear a mark; they lose it, and where the text was compiled, its
 * source map gives the place as written. A frame without a mark is already right: mapping is
 * idempotent. Frames of rayx itself go, as do those of Node's below the first of them.
 *
 * @example
 * const mapStack = createStackMapper({ scripts });
 * mapStack('Error: no\n    at work (/app/main.ts?rayx:3:9)'); // '…at work (/app/main.ts:7:11)'
 */
export function createStackMapper(options: StackMapperOptions): (stack: string) => string {
  const maps = new SourceMaps();
  const internal = options.internal ?? [resolve(__dirname, '..', '..') + sep];

  return (stack) => {
    const lines = stack.split('\n');
    const isFrame = lines.map((line) => /^\s+at /.test(line));
    const kept = lines.filter((line, at) => !isFrame[at] || !isInternal(line, internal));
    return kept.map((line) => line.replace(markedPlace, mapPlace)).join('\n');
  };

  function mapPlace(whole: string, file: string, line: string, column: string): string {
    const isUrl = file.startsWith('file:');
    const script = scriptAt(isUrl ? file : pathToFileURL(file).href);
    if (!script && options.keepUnknown) return whole;
    const place = script && maps.original(script, Number(line), Number(column));
    if (!place) return `${file}:${line}:${column}`;
    const name = isUrl ? place.url : fileURLToPath(place.url);
    return `${name}:${place.line}:${place.column}`;
  }

  function scriptAt(url: string): ScriptText | undefined {
    try {
      return options.scripts.byUrl(url);
    } catch {
      // Telling of an error must not fail because the engine has dropped the script by now.
      return undefined;
    }
  }
}

/** A marked place: the file begins behind what a frame may have before it, and may hold spaces. */
const markedPlace = new RegExp(
  `(?<=\\(|at |async )((?:file:///|/|[A-Za-z]:[\\\\/])[^\\n]*?)${mark.replace('?', '\\?')}:(\\d+):(\\d+)`,
  'g',
);

/** Frames below a task that are about the thread: Node's, and those of the actors it runs in. */
const plumbing =
  /(?:\(|at |async )node:(?:vm|internal\/(?:vm|process|timers|worker|main))\b|[\\/]node_modules[\\/]nact[\\/]/;

function isInternal(line: string, folders: readonly string[]): boolean {
  if (plumbing.test(line)) return true;
  const place = /(?:\(|at |async )(file:\/\/\/.*|\/.*|[A-Za-z]:[\\/].*):\d+:\d+\)?$/.exec(
    line,
  )?.[1];
  if (place === undefined || place.includes(mark)) return false;
  const path = place.startsWith('file:') ? safePath(place) : place;
  return folders.some((folder) => path.startsWith(folder));
}

function safePath(url: string): string {
  try {
    return fileURLToPath(url);
  } catch {
    return url;
  }
}
