import { expect } from 'chai';
import { CaptureError, SerializationError } from '../../lib/base/errors';
import { Journey } from './support';

const factor = 3;

class Point {
  constructor(
    readonly x: number,
    readonly y: number,
  ) {}
  sum(): number {
    return this.x + this.y;
  }
}

class NotFound extends Error {
  constructor(readonly what: string) {
    super(`${what} was not found`);
  }
  hint(): string {
    return `look for ${this.what}`;
  }
}

describe('code: functions and instances as values', () => {
  it('carries functions in data', () => {
    const journey = new Journey();
    const far = journey.send({ steps: [(x: number) => x * factor] });
    expect(far.steps[0]?.(2)).to.equal(6);
  });

  it('brings a function back as the one it was', () => {
    const journey = new Journey();
    const fn = (): number => 1;
    expect(journey.sendBack(journey.send(fn))).to.equal(fn);
  });

  it('carries functions that the other side has made', () => {
    const journey = new Journey();
    const make = journey.ship((n: number) => (x: number) => x + n * factor);
    const near = journey.sendBack(make(2));
    expect(near(1)).to.equal(7);
  });

  it('carries instances with their class', () => {
    const journey = new Journey();
    const far = journey.send([new Point(1, 2), new Point(3, 4)]);
    expect(far.map((point) => point.sum())).to.deep.equal([3, 7]);
    expect(far[0]).not.to.be.instanceOf(Point);
    expect(Object.getPrototypeOf(far[0])).to.equal(Object.getPrototypeOf(far[1]));
  });

  it('carries instances with the WeakMaps that know them', () => {
    const journey = new Journey();
    const names = new WeakMap<object, string>();
    const nameOf = journey.ship((point: Point) => names.get(point));
    const other = new Journey();
    const point = new Point(1, 2);
    names.set(point, 'one');
    other.here.store.capture(() => names, 'names');
    expect(other.send(point).sum()).to.equal(3);
    expect(nameOf(journey.send(point))).to.equal('one');
  });

  it('brings instances back as those of the original class', () => {
    const journey = new Journey();
    const make = journey.ship(() => new Point(1, 2));
    const near = journey.sendBack(make());
    expect(near).to.be.instanceOf(Point);
    expect(near).to.deep.equal(new Point(1, 2));
  });

  it('carries instances that hold one another', () => {
    class Person {
      friend?: Person;
      constructor(readonly name: string) {}
    }
    const [ann, bob] = [new Person('ann'), new Person('bob')];
    ann.friend = bob;
    bob.friend = ann;
    const far = new Journey().send(ann);
    expect(far.friend?.friend).to.equal(far);
    expect(far.friend?.name).to.equal('bob');
  });

  it('carries a chain of 20,000 instances without walking it again for each', () => {
    class Link {
      next?: Link;
    }
    const first = new Link();
    for (let at = 0, last = first; at < 20_000; at++) last = last.next = new Link();
    const far = new Journey().send({ first });
    let length = 0;
    for (let at = far.first; at.next; at = at.next) length++;
    expect(length).to.equal(20_000);
  });

  it('carries errors of the user with their class', () => {
    const journey = new Journey();
    const far = journey.send(new NotFound('key'));
    expect(far.hint()).to.equal('look for key');
    expect(far).not.to.be.instanceOf(NotFound);
    const near = journey.sendBack(far);
    expect(near).to.be.instanceOf(NotFound);
    expect(near.what).to.equal('key');
  });

  it('carries a thrown error of a class that was captured', () => {
    const journey = new Journey();
    const fail = journey.ship(() => {
      throw new NotFound('key');
    });
    try {
      fail();
    } catch (error) {
      expect(journey.sendBack(error)).to.be.instanceOf(NotFound);
      return;
    }
    throw new Error('it did not throw');
  });

  it('refuses an instance with #private fields where it stands', () => {
    class Secret {
      #value = 1;
      read(): number {
        return this.#value;
      }
    }
    expect(() => new Journey().send({ list: [new Secret()] }))
      .to.throw(SerializationError, /#value of Secret.*registerClass/)
      .with.property('path', 'args[0].list[0]');
  });

  it('refuses a function in data for what it uses, with the way to it', () => {
    const pending = Promise.resolve();
    expect(() => new Journey().send({ run: () => pending }))
      .to.throw(CaptureError)
      .with.property('path', 'args[0].run → pending');
  });
});
