import { expect } from 'chai';
import { systemClock } from '../../lib/base/clock';

describe("the machine's clock", () => {
  it('waits long where asked to wait longer than a timer can', async () => {
    const called: number[] = [];
    const cancels = [2 ** 31, 1e10, Infinity].map((delay) =>
      systemClock.after(delay, () => called.push(delay)),
    );
    await new Promise<void>((resolve) => void setTimeout(resolve, 20));
    for (const cancel of cancels) cancel();
    expect(called).to.deep.equal([]);
  });
});
