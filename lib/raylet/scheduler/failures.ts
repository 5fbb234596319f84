import type { ObjectId } from '../../base/ids';
import type { Failure, SystemFailure } from '../../protocol/payload';
import type { UnseenFailure } from '../../protocol/messages';

/** Names kept at each end of a chain of dependants: it may be 100,000 long. */
const ENDS = 5;

/** The failure of a call that never ran because `cause`, made by the call `name`, had failed. */
export function dependencyFailure(task: string, name: string, cause: Failure): Failure {
  if (cause.kind !== 'dependency') return { kind: 'dependency', task, via: [name], root: cause };
  const via = [name, ...cause.via];
  if (via.length > 2 * ENDS) via.splice(ENDS, 1);
  return { kind: 'dependency', task, via, root: cause.root };
}

/** The object's value is nowhere to be found. */
export const lost = (objectId: ObjectId): SystemFailure => ({
  kind: 'system',
  code: 'OBJECT_LOST',
  objectId,
  reason: 'it is not stored: its last ref was released before',
});

/** What was to be read from disk cannot be. @param what `its value` */
export const lostOnDisk = (objectId: ObjectId, what: string, problem = ''): SystemFailure => ({
  kind: 'system',
  code: 'OBJECT_LOST',
  objectId,
  reason: `${what} was on disk and cannot be read back${problem && `: ${problem}`}`,
});

/** A failed object, as long as somebody may still look at it or at what failed because of it. */
export interface FailureTrace extends UnseenFailure {
  /** One that still has refs, as long as one has. */
  id: ObjectId;
  /**
   * The other objects that failed with it and still have refs: of one call with several returns, or
   * the last item of a stream.
   */
  others: Set<ObjectId> | undefined;
  looked: boolean;
  /** Its last ref has gone. */
  gone: boolean;
  /** The failed object it depends on. */
  readonly cause: FailureTrace | undefined;
  /** Traces with this one as cause that have not ended. */
  dependants: number;
}

/** Which failures nobody has looked at. */
export class FailureTraces {
  private readonly unlooked = new Set<FailureTrace>();

  add(failed: UnseenFailure, cause: FailureTrace | undefined): FailureTrace {
    const trace = {
      ...failed,
      others: undefined,
      looked: false,
      gone: false,
      cause,
      dependants: 0,
    };
    if (cause !== undefined) cause.dependants += 1;
    this.unlooked.add(trace);
    return trace;
  }

  /** One more object failed with that of the trace: who looks at one has seen all. */
  share(trace: FailureTrace, id: ObjectId): void {
    trace.others ??= new Set();
    trace.others.add(id);
  }

  /** Somebody was told the failure, and by it those that led to it. */
  look(trace: FailureTrace): void {
    for (let at: FailureTrace | undefined = trace; at && !at.looked; at = at.cause) {
      at.looked = true;
      this.unlooked.delete(at);
    }
  }

  /** The object's last ref went. Answers the failures that now nobody can look at any more. */
  gone(trace: FailureTrace, id: ObjectId): UnseenFailure[] {
    if (outlives(trace, id)) return [];
    const unseen: UnseenFailure[] = [];
    trace.gone = true;
    for (let at: FailureTrace | undefined = trace; at?.gone && at.dependants === 0; at = at.cause) {
      // With its cause unseen too, the report of the cause tells it all.
      if (!at.looked && at.cause?.looked !== false) unseen.push(unseenOf(at));
      this.unlooked.delete(at);
      if (at.cause !== undefined) at.cause.dependants -= 1;
    }
    return unseen;
  }

  /** Tells all that nobody has looked at so far, once. */
  tellAll(): UnseenFailure[] {
    const told = [...this.unlooked].filter(({ cause }) => cause?.looked !== false).map(unseenOf);
    for (const trace of this.unlooked) trace.looked = true;
    this.unlooked.clear();
    return told;
  }
}

/** Whether others of the trace still have refs when this one has none. */
function outlives(trace: FailureTrace, id: ObjectId): boolean {
  if (trace.others === undefined || trace.others.size === 0) return false;
  if (id !== trace.id) return trace.others.delete(id);
  for (const other of trace.others) {
    trace.id = other;
    break;
  }
  return trace.others.delete(trace.id);
}

const unseenOf = ({ id, task, failure }: FailureTrace): UnseenFailure => ({ id, task, failure });
