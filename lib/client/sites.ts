import { DeadlockError } from '../base/errors';
import { ownFolders } from '../base/own-folder';
import { mark } from '../code/stacks/marks';

/** The function whose caller is the site. */
export type Below = (...args: never[]) => unknown;

/**
 * Where user code called `.remote()`. Taking it costs some microseconds: V8 notes the frames and
 * formats them when `frames` is first read, which is when something has failed.
 */
export class SubmitSite {
  /** The call was made there, or near there. */
  readonly relation: 'at' | 'near' = 'at';
  /** What V8 writes here may be of any type: users can replace the formatter, or turn stacks off. */
  declare private readonly stack: unknown;

  constructor(below: Below) {
    Error.captureStackTrace(this, below);
  }

  /** The caller's frames, one a line, as in a stack. */
  get frames(): string {
    return typeof this.stack === 'string' ? framesOf(this.stack) : '';
  }

  /** The innermost frame that is the user's, when there is one. */
  get frame(): string | undefined {
    return placed.exec(userFrames(this.frames))?.[0];
  }

  /** `file:line:column` of that. */
  get place(): string | undefined {
    return placeIn(this.frame ?? '');
  }
}

/** A frame with its place, which may have spaces: behind a name it stands in brackets. */
const placed = /^\s*at (?:async )?(?:.*\()?(.+:\d+:\d+)\)?$/m;

/** `file:line:column` of a frame, which may be in terms of another thread. */
export const placeIn = (frame: string): string | undefined =>
  placed.exec(frame.replace(mark, ''))?.[1];

class NearSite extends SubmitSite {
  override readonly relation = 'near';
}

/** How many calls of a function in one turn have a site each. */
const OWN_SITES = 16;

interface Recent {
  calls: number;
  near: NearSite | undefined;
}

/**
 * The sites of calls. Where a function is called many times in one turn they are mostly all the same, and
 * to take each would cost a quarter of what a call costs its thread: so those behind the first few
 * share one.
 */
export class Sites {
  private readonly ofTurn = new Map<object, Recent>();

  /** @param called the function, the same at every call */
  take(called: object, below: Below): SubmitSite {
    let recent = this.ofTurn.get(called);
    if (recent === undefined) {
      if (this.ofTurn.size === 0) queueMicrotask(() => this.ofTurn.clear());
      this.ofTurn.set(called, (recent = { calls: 0, near: undefined }));
    }
    recent.calls += 1;
    if (recent.calls <= OWN_SITES) return new SubmitSite(below);
    return (recent.near ??= new NearSite(below));
  }
}

/** The error to throw: that of a deadlock, made where a message came in, shows who waits here. */
export function seenHere(error: unknown): unknown {
  if (!(error instanceof DeadlockError)) return error;
  const head = `${error.name}: ${error.message}`;
  Error.captureStackTrace(error, seenHere);
  const frames = userFrames(String(error.stack));
  error.stack = frames === '' ? head : `${head}\n${frames}`;
  return error;
}

/** The lines of a stack that are frames. */
export function framesOf(stack: string): string {
  const lines = stack.split('\n');
  return lines.filter((line) => /^\s+at /.test(line)).join('\n');
}

/** Those of them that are neither rayx's own nor Node's. */
export function userFrames(stack: string): string {
  const isUsers = (frame: string): boolean =>
    !frame.includes('(node:') && !ownFolders.some((folder) => frame.includes(folder));
  return framesOf(stack).split('\n').filter(isUsers).join('\n');
}
