import { expect } from 'chai';
import { Agenda } from '../../../lib/raylet/scheduler/agenda';
import { Random } from './random';

describe('the agenda', () => {
  it('does what is due, the earliest first, and once', () => {
    const agenda = new Agenda();
    const done: number[] = [];
    for (const time of [5, 1, 3]) agenda.at(time, () => done.push(time));
    expect(agenda.next).to.equal(1);
    agenda.run(3);
    expect(done).to.deep.equal([1, 3]);
    agenda.run(10);
    agenda.run(10);
    expect(done).to.deep.equal([1, 3, 5]);
    expect(agenda.next).to.equal(Infinity);
  });

  it('leaves out what was taken off', () => {
    const agenda = new Agenda();
    const done: string[] = [];
    const takeOff = agenda.at(1, () => done.push('first'));
    agenda.at(2, () => done.push('second'));
    takeOff();
    expect(agenda.next).to.equal(2);
    agenda.run(5);
    expect(done).to.deep.equal(['second']);
  });

  it('takes what is added while it works', () => {
    const agenda = new Agenda();
    const done: string[] = [];
    agenda.at(1, () => {
      done.push('first');
      agenda.at(1, () => done.push('at once'));
      agenda.at(9, () => done.push('later'));
    });
    agenda.run(1);
    expect(done).to.deep.equal(['first', 'at once']);
    expect(agenda.next).to.equal(9);
  });

  it('keeps the order of time however it is filled', () => {
    const random = new Random(7);
    const agenda = new Agenda();
    const done: number[] = [];
    for (let count = 0; count < 500; count += 1) {
      const time = random.below(100);
      const takeOff = agenda.at(time, () => done.push(time));
      if (random.chance(0.3)) takeOff();
    }
    agenda.run(1000);
    expect(done).to.deep.equal([...done].sort((a, b) => a - b));
  });
});
