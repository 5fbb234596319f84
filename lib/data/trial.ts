import { CaptureError, RayError, SerializationError } from '../base/errors';

/** Something that cannot travel. */
export interface Refusal {
  /** `args[1].config.socket`, or `work → db → socket` through what a function uses. */
  readonly path: string;
  /** Why, and the way out. */
  readonly reason: string;
}

/** An attempt at writing a value that goes on after each refusal, and of which nothing stays. */
export class Trial {
  readonly #refusals = new Map<string, Refusal>();
  readonly #undo: (() => void)[] = [];

  get refusals(): readonly Refusal[] {
    return [...this.#refusals.values()];
  }

  /**
   * Notes a refusal; throws anything else.
   *
   * @param path of the value, for errors that have none of their own
   */
  note(error: unknown, path: string): void {
    if (!(error instanceof RayError)) throw error;
    const known = error instanceof SerializationError || error instanceof CaptureError;
    const refusal = known ? error : { path, reason: error.message };
    const key = JSON.stringify([refusal.path, refusal.reason]);
    this.#refusals.set(key, { path: refusal.path, reason: refusal.reason });
  }

  /** Has something taken back at the end of the trial; what came last goes first. */
  atEnd(undo: () => void): void {
    this.#undo.push(undo);
  }

  end(): void {
    for (const undo of this.#undo.reverse()) undo();
  }
}
