import { EventEmitter } from 'node:events';
import { Socket } from 'node:net';
import * as path from 'node:path';
import { inherits } from 'node:util';
import { expect } from 'chai';
import { CaptureError } from '../../lib/base/errors';
import { Journey, ship } from './support';

const step = 10;

class Counter {
  #count = 0;
  static made = 0;
  increment(by = step): number {
    this.#count += by;
    return this.#count;
  }
  get count(): number {
    return this.#count;
  }
}

class Named extends Counter {
  constructor(readonly name: string) {
    super();
  }
  override increment(): number {
    return super.increment(1);
  }
}

describe('code: classes', () => {
  it('carries fields, #private names, methods and getters', () => {
    const Far = ship(Counter);
    const counter = new Far();
    expect([counter.increment(), counter.increment(), counter.count]).to.deep.equal([10, 20, 20]);
    expect(Far).not.to.equal(Counter);
    expect(Far.name).to.equal('Counter');
  });

  it('carries what a class extends, with super', () => {
    const FarNamed = ship(Named);
    const named = new FarNamed('n');
    expect([named.increment(), named.increment(), named.name]).to.deep.equal([1, 2, 'n']);
  });

  it('carries classes of one family as one family', () => {
    const journey = new Journey();
    const FarNamed = journey.ship(Named);
    const FarCounter = journey.ship(Counter);
    expect(new FarNamed('n')).to.be.instanceOf(FarCounter);
    expect(Object.getPrototypeOf(FarNamed)).to.equal(FarCounter);
  });

  it('makes one class of a class that two functions use', () => {
    const journey = new Journey();
    const make = journey.ship(() => new Counter());
    const test = journey.ship((thing: unknown) => thing instanceof Counter);
    expect(test(make())).to.equal(true);
  });

  it('tells two classes of equal source apart', () => {
    const make = () => class Same {};
    const [One, Two] = [make(), make()];
    const [FarOne, FarTwo] = ship(() => [One, Two])();
    expect(FarOne).not.to.equal(FarTwo);
  });

  it('copes with a base class that knows its subclass', () => {
    class Shape {
      static unit(): Shape {
        return new Circle(1);
      }
      area(): number {
        return 0;
      }
    }
    class Circle extends Shape {
      constructor(readonly radius: number) {
        super();
      }
      override area(): number {
        return this.radius * 2;
      }
    }
    const far = ship(() => Shape.unit());
    expect(far().area()).to.equal(2);
    expect(ship(Circle).unit().area()).to.equal(2);
  });

  it('extends what an expression gives', () => {
    const mixin = <T extends new (...args: never[]) => object>(Base: T) =>
      class extends (Base as new (...args: never[]) => object) {
        mixed(): string {
          return 'mixed';
        }
      };
    class Plain {}
    class Both extends mixin(Plain) {
      both(): string {
        return this.mixed() + '!';
      }
    }
    expect(new (ship(Both))().both()).to.equal('mixed!');
  });

  it('extends built-ins and classes of Node', () => {
    class Stack extends Array<number> {
      top(): number | undefined {
        return this.at(-1);
      }
    }
    class Bell extends EventEmitter {
      ring(): boolean {
        return this.emit('ring', 1);
      }
    }
    const FarStack = ship(Stack);
    expect((FarStack.from([1, 2]) as Stack).top()).to.equal(2);
    const bell = new (ship(Bell))();
    const heard: number[] = [];
    bell.on('ring', (n: number) => heard.push(n));
    bell.ring();
    expect(heard).to.deep.equal([1]);
  });

  it('copies static fields and never runs static code again', () => {
    const ran: string[] = [];
    const note = (what: string): number => ran.push(what);
    class Registry {
      static table = new Map([['a', 1]]);
      static first = note('field');
      static #hidden = note('hidden');
      static {
        note('block');
        Registry.first += 100;
      }
      static #secret(): number {
        return Registry.#hidden;
      }
      static read(): number {
        Registry.#hidden++;
        return Registry.#secret();
      }
    }
    const Far = ship(Registry);
    expect(ran).to.deep.equal(['field', 'hidden', 'block']);
    expect(Far.first).to.equal(101);
    expect(Far.table).to.deep.equal(new Map([['a', 1]]));
    expect([Far.read(), Far.read()]).to.deep.equal([3, 4]);
    expect(Registry.read()).to.equal(3);
  });

  it('carries methods under symbols and computed names', () => {
    const own = Symbol('own');
    const name = 'computed';
    class Odd {
      *[Symbol.iterator](): Generator<number> {
        yield 1;
      }
      [own](): string {
        return 'own';
      }
      [name](): string {
        return 'computed';
      }
      get 'quo ted'(): number {
        return 5;
      }
    }
    const [Far, farOwn] = ship(() => [Odd, own] as const)();
    const odd = new Far();
    expect([...odd]).to.deep.equal([1]);
    expect(odd[farOwn as typeof own]()).to.equal('own');
    expect(odd.computed()).to.equal('computed');
    expect(odd['quo ted']).to.equal(5);
  });

  it('carries members that were added or replaced later', () => {
    class Patched {
      greet(): string {
        return 'hello';
      }
      static kind(): string {
        return 'plain';
      }
    }
    const original = Patched.prototype.greet;
    Patched.prototype.greet = function () {
      return original.call(this) + ' there';
    };
    Object.assign(Patched, { kind: () => 'patched', extra: 1 });
    const Far = ship(Patched) as typeof Patched & { extra: number };
    expect([new Far().greet(), Far.kind(), Far.extra]).to.deep.equal(['hello there', 'patched', 1]);
  });

  it('finds the class of a method that uses super or #private names', () => {
    class Door {
      #open = false;
      toggle(): boolean {
        this.#open = !this.#open;
        return this.#open;
      }
      static make(): Door {
        return new Door();
      }
    }
    const { toggle } = Door.prototype;
    const far = ship(() => toggle.call(Door.make()));
    expect(far()).to.equal(true);
  });

  it('tests for private names with in', () => {
    class Own {
      #brand = true;
      static is(value: object): boolean {
        return #brand in value;
      }
    }
    const Far = ship(Own);
    expect([Far.is(new Far()), Far.is({})]).to.deep.equal([true, false]);
  });

  it('carries classes as functions were before there were classes', () => {
    interface Animal {
      name: string;
      speak(): string;
    }
    type AnimalClass = new (name: string) => Animal;
    const Animal = function (this: Animal, name: string) {
      this.name = name;
    } as unknown as AnimalClass;
    Object.assign(Animal.prototype as object, {
      speak(this: Animal) {
        return `${this.name} speaks`;
      },
    });
    const Dog = function (this: Animal, name: string) {
      (Animal as unknown as (this: Animal, name: string) => void).call(this, name);
    } as unknown as AnimalClass;
    inherits(Dog, Animal);
    const [FarDog, FarAnimal] = ship(() => [Dog, Animal] as const)();
    const dog = new FarDog('Rex');
    expect(dog.speak()).to.equal('Rex speaks');
    expect(dog).to.be.instanceOf(FarAnimal);
    expect(dog.constructor).to.equal(FarDog);
  });

  it('carries a class that uses itself and its instances', () => {
    class Node {
      static readonly root = new Node('root');
      readonly children: Node[] = [];
      constructor(readonly label: string) {}
      add(label: string): Node {
        const child = new Node(label);
        this.children.push(child);
        return child;
      }
    }
    Node.root.add('first');
    const Far = ship(Node);
    expect(Far.root).to.be.instanceOf(Far);
    expect(Far.root.children[0]).to.be.instanceOf(Far);
    expect(Far.root.add('second').label).to.equal('second');
  });

  it('carries arrow fields, which belong to the class', () => {
    class Handler {
      count = 0;
      readonly handle = (): number => (this.count += step);
    }
    const { handle } = new (ship(Handler))();
    expect([handle(), handle()]).to.deep.equal([10, 20]);
  });

  it('carries instances in closures with their class', () => {
    class Point {
      constructor(
        readonly x: number,
        readonly y: number,
      ) {}
      sum(): number {
        return this.x + this.y;
      }
    }
    const point = new Point(1, 2);
    const far = ship(() => [point.sum(), point instanceof Point]);
    expect(far()).to.deep.equal([3, true]);
  });

  it('carries #private fields that a compiler has made WeakMaps', () => {
    const counts = new WeakMap<object, number>();
    const brand = new WeakSet<object>();
    class Downlevelled {
      constructor() {
        counts.set(this, 5);
        brand.add(this);
      }
      next(): number {
        if (!brand.has(this)) throw new TypeError('not one of us');
        counts.set(this, (counts.get(this) ?? 0) + 1);
        return counts.get(this) ?? 0;
      }
    }
    const [early, late] = [new Downlevelled(), new Downlevelled()];
    early.next();
    const journey = new Journey();
    expect(journey.ship(() => early.next())()).to.equal(7);
    expect(journey.ship(() => late.next())()).to.equal(6);
    expect(journey.send(new Downlevelled()).next()).to.equal(6);
    expect(journey.sendBack(journey.send(early)).next()).to.equal(7);
  });

  it('carries what WeakMaps have for objects that travel with them', () => {
    const cache = new WeakMap<object, string>();
    const [known, unknown] = [{ id: 1 }, { id: 2 }];
    cache.set(known, 'cached');
    const far = ship(() => [cache.get(known), cache.get(unknown)]);
    expect(far()).to.deep.equal(['cached', undefined]);
  });

  it('carries what WeakMaps have for globals and imports, which are not copied', () => {
    const known = new WeakMap<object, string>([
      [globalThis, 'globalThis'],
      [Math, 'Math'],
      [Array.prototype, 'Array.prototype'],
      [EventEmitter, 'EventEmitter'],
      [path, 'path'],
    ]);
    const seen = new WeakSet<object>([JSON]);
    const journey = new Journey();
    const names = journey.ship(() => [
      ...[globalThis, Math, Array.prototype, EventEmitter, path].map((key) => known.get(key)),
      ...[JSON, Reflect].map((key) => seen.has(key)),
    ]);
    expect(names()).to.deep.equal([
      ...['globalThis', 'Math', 'Array.prototype', 'EventEmitter', 'path'],
      ...[true, false],
    ]);
    // The table was sent before the function that names its key.
    known.set(Object.prototype, 'Object.prototype');
    expect(journey.ship(() => known.get(Object.prototype))()).to.equal('Object.prototype');
  });

  it('carries what WeakMaps have for objects that have travelled before', () => {
    const key = { id: 1 };
    const holder = { key };
    const journey = new Journey();
    expect(journey.ship(() => holder.key)()).to.deep.equal(key);
    const cache = new WeakMap<object, string>([[key, 'cached']]);
    expect(journey.ship(() => cache.get(holder.key))()).to.equal('cached');
  });

  it('refuses what WeakMaps have and what cannot travel, with the way to it', () => {
    const key = {};
    const cache = new WeakMap<object, unknown>([[key, new Socket()]]);
    const journey = new Journey();
    expect(() => journey.ship(() => cache.get(key), 'work')).to.throw(
      CaptureError,
      'work → cache → get(…): a Socket cannot be sent',
    );
    // Nothing of the refused one is left.
    cache.set(key, 'fine');
    expect(journey.ship(() => cache.get(key))()).to.equal('fine');
  });
});
