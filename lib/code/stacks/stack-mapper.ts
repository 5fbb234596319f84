import { fileURLToPath, pathToFileURL } from 'node:url';
import { ownFolders } from '../../base/own-folder';
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
  /** Monotonic milliseconds. @defaultValue those of the thread */
  readonly now?: () => number;
  /** Folders whose frames are nobody's business but ours; those of rayx by default. */
  readonly internal?: readonly string[];
}

/**
 * Turns the stack of another thread into one about the user's files as written.
 *
 * Frames of texts that were sent bear a mark; they lose it, and where the text was compiled, its
 * source map gives the place as written. A frame without a mark is already right: mapping is
 * idempotent. Frames of rayx itself go, and those of Node by which it has called the user.
 *
 * @example
 * const mapStack = createStackMapper({ scripts });
 * mapStack('Error: no\n    at work (/app/main.ts?rayx:3:9)'); // '…at work (/app/main.ts:7:11)'
 */
export function createStackMapper(options: StackMapperOptions): (stack: string) => string {
  const maps = new SourceMaps();
  // As source, too: stacks of this thread may be mapped already.
  const internal = options.internal ?? ownFolders;
  const now = options.now ?? (() => performance.now());
  /** Files that were not among the scripts, and when. */
  const absent = new Map<string, number>();

  return (stack) => {
    const kept = withoutPlumbing(stack.split('\n'), internal);
    return kept.map((line) => line.replace(markedPlace, mapPlace)).join('\n');
  };

  function mapPlace(whole: string, file: string, line: string, column: string): string {
    const isUrl = file.startsWith('file:');
    const script = scriptOf(isUrl ? file : pathToFileURL(file).href);
    if (!script && options.keepUnknown) return whole;
    const place = script && maps.original(script, Number(line), Number(column));
    if (!place) return `${file}:${line}:${column}`;
    const name = isUrl ? place.url : fileURLToPath(place.url);
    return `${name}:${place.line}:${place.column}`;
  }

  function scriptOf(url: string): ScriptText | undefined {
    const missedAt = absent.get(url);
    if (missedAt !== undefined && now() - missedAt < LOOK_AGAIN_AFTER) return undefined;
    const script = options.scripts.byUrl(url);
    if (script) absent.delete(url);
    else absent.set(url, now());
    return script;
  }
}

/**
 * Milliseconds until a file is looked for again that was not there. To ask V8 takes tens of them, and an
 * error that passes through many tasks names the same file in each of its causes.
 */
const LOOK_AGAIN_AFTER = 1000;

/** A marked place: the file begins behind what a frame may have before it, and may hold spaces. */
const markedPlace = new RegExp(
  `(?<=\\(|at |async )((?:file:///|/|[A-Za-z]:[\\\\/])[^\\n]*?)${mark.replace('?', '\\?')}:(\\d+):(\\d+)`,
  'g',
);

/** Frames below a task that are about the thread: Node's, and those of the actors it runs in. */
const plumbing =
  /(?:\(|at |async )node:(?:vm|internal\/(?:vm|process|timers|worker|main))\b|[\\/]node_modules[\\/]nact[\\/]/;

const isFrame = (line: string | undefined): boolean => /^\s+at /.test(line ?? '');

const isBuiltIn = (line: string): boolean => /(?:\(|at |async )node:|\(<anonymous>\)$/.test(line);

/** Drops the frames of rayx, and those of built-ins through which it has called the user's code. */
function withoutPlumbing(lines: readonly string[], folders: readonly string[]): string[] {
  const isOurs = lines.map((line) => isFrame(line) && isInternal(line, folders));
  const isUsers = lines.map((line, at) => isFrame(line) && !isOurs[at] && !isBuiltIn(line));
  const kept: string[] = [];
  // Upwards: who called a built-in stands below it.
  let calledByUser = false;
  for (let at = lines.length - 1; at >= 0; at--) {
    const line = lines[at] as string;
    if (!isFrame(line) || isOurs[at]) calledByUser = false;
    else if (isUsers[at]) calledByUser = true;
    const isRoad =
      isFrame(line) && !calledByUser && isUsers.slice(topOf(lines, at), at).some(Boolean);
    if (!isOurs[at] && !isRoad) kept.push(line);
  }
  return kept.reverse();
}

/** Where the frames begin that the one at `at` is among. */
function topOf(lines: readonly string[], at: number): number {
  let top = at;
  while (isFrame(lines[top - 1])) top--;
  return top;
}

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
