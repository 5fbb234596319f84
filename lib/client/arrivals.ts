import type { Clock } from '../base/clock';
import type { Channel } from '../protocol/channel';
import type { FromClient, ToClient } from '../protocol/messages';
import type { Quiet } from './quiet';

/** The receiving end of a client's channel, where somebody waits for what arrives. */
export class Arrivals {
  private holds = 0;

  constructor(
    private readonly channel: Channel<FromClient, ToClient>,
    private readonly clock: Clock,
    private readonly quiet: Quiet,
    private readonly receive: (messages: readonly ToClient[]) => void,
  ) {}

  /** Keeps the thread alive until the answer is called. */
  hold(): () => void {
    if ((this.holds += 1) === 1) this.channel.ref();
    let held = true;
    return () => {
      if (held && (this.holds -= 1) === 0) this.channel.unref();
      held = false;
    };
  }

  /** Takes in what has arrived, without waiting; only tables change. */
  pump(): void {
    this.quiet.during(() => {
      for (let batch = this.next(); batch; batch = this.next()) this.receive(batch);
    });
  }

  /**
   * Blocks the thread until `isHere`, or until `timeout` milliseconds have passed.
   *
   * @param onStill called when the channel did not find anything to wait for, with what is left of them
   */
  block(isHere: () => boolean, timeout: number, onStill?: (left: number) => void): void {
    const deadline = this.clock.now() + timeout;
    this.quiet.during(() => {
      while (!isHere()) {
        const batch = this.next();
        const left = deadline - this.clock.now();
        if (batch) this.receive(batch);
        else if (left <= 0) return;
        else if (!this.channel.waitForBatch(left)) onStill?.(left);
      }
    });
  }

  private next(): readonly ToClient[] | undefined {
    return this.channel.receiveNow();
  }
}
