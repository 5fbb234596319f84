import { Turns } from '../../lib/protocol/turns';

/** Turns of the event loop, which do not end by themselves. */
export const loopTurns = (): Turns =>
  new Turns({
    soon: (turn) => void setImmediate(turn),
    ref: () => {},
    unref: () => {},
    close: () => {},
  });
