import { type Claim, claimWord, HELD, REVOKED, STARTED } from './messages';

/** Words in a worker's claim table: most calls a worker can have that may not have started yet. */
export const CLAIM_SLOTS = 256;

/**
 * The calls in a worker's hand as words in shared memory, because a worker that spins reads no
 * message. The raylet enters a call, then one of two wins: the worker that starts it, or the raylet
 * that takes it back.
 */
export class ClaimTable {
  private readonly words: Int32Array;

  constructor(readonly memory = new SharedArrayBuffer(CLAIM_SLOTS * Int32Array.BYTES_PER_ELEMENT)) {
    this.words = new Int32Array(memory);
  }

  /** Raylet: enters a call, before its `run` is posted. */
  hold({ slot, turn }: Claim): void {
    Atomics.store(this.words, slot, claimWord(turn, HELD));
  }

  /** Worker: whether the call may start; `false` when it was taken back. */
  start(claim: Claim): boolean {
    return this.change(claim, STARTED);
  }

  /** Raylet: whether the call was taken back; `false` when it had started. */
  revoke(claim: Claim): boolean {
    return this.change(claim, REVOKED);
  }

  /** Raylet: takes back all that has not started; answers all words, which stay so. */
  seal(): Int32Array {
    for (let slot = 0; slot < this.words.length; slot += 1) {
      const word = Atomics.load(this.words, slot);
      const turn = word >>> 2;
      if (word === claimWord(turn, HELD)) this.revoke({ slot, turn });
    }
    return this.snapshot();
  }

  /** All words as they are now, for `hasStarted`. */
  snapshot(): Int32Array {
    return Int32Array.from(this.words);
  }

  private change({ slot, turn }: Claim, to: number): boolean {
    const held = claimWord(turn, HELD);
    return Atomics.compareExchange(this.words, slot, held, claimWord(turn, to)) === held;
  }
}

/** Whether a call had started when the snapshot was taken. */
export const hasStarted = (snapshot: Int32Array, { slot, turn }: Claim): boolean =>
  snapshot[slot] === claimWord(turn, STARTED);
