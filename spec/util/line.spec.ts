import { expect } from 'chai';
import { Line } from '../../lib/util/line';

describe('a line', () => {
  it('gives values in the order in which they came', () => {
    const line = new Line<string>();
    for (const value of ['a', 'b', 'c']) line.add(value);
    expect([line.peek(), line.shift(), line.shift(), line.size]).to.deep.equal(['a', 'a', 'b', 1]);
    line.add('d');
    expect([line.shift(), line.shift(), line.shift(), line.peek()]).to.deep.equal([
      'c',
      'd',
      undefined,
      undefined,
    ]);
  });

  it('gives values out of turn, and takes them back into their place', () => {
    const line = new Line<string>();
    const [a, b, c] = ['a', 'b', 'c'].map((value) => line.add(value)) as [number, number, number];
    expect([line.remove(b), line.remove(b), line.has(b), line.has(c)]).to.deep.equal([
      true,
      false,
      false,
      true,
    ]);
    expect([line.firstPlace, line.shift(), line.firstPlace, line.shift()]).to.deep.equal([
      a,
      'a',
      c,
      'c',
    ]);
    line.add('d');
    line.restore(c, 'c');
    line.restore(a, 'a');
    expect(line.clear()).to.deep.equal(['a', 'c', 'd']);
    expect(line.size).to.equal(0);
  });

  it('takes as long for each of many values as for each of few', () => {
    const line = new Line<number>();
    const start = performance.now();
    for (let n = 0; n < 300_000; n += 1) line.add(n);
    for (let n = 0; n < 300_000; n += 2) line.remove(n);
    let sum = 0;
    while (line.size > 0) sum += line.shift() ?? 0;
    expect(sum).to.equal(150_000 ** 2);
    // Walking the line for each value would take minutes.
    expect(performance.now() - start).to.be.below(8000);
  });
});
