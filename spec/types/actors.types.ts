import {
  remote,
  type ActorHandle,
  type ActorOptions,
  type ObjectRef,
  type RemoteClass,
} from 'rayx';
import { expectType, type Equal } from './expect-type';

class Counter {
  static made = 0;
  public total = 0;
  readonly label: string;
  private secret = 1;
  protected hidden = 2;
  #own = 3;
  later?(): string;
  double = (x: number): number => x * 2;

  constructor(start: number, label = 'counter') {
    this.label = label;
    this.total = start + this.#own + this.secret + this.hidden;
  }

  increment(by: number): number {
    return (this.total += by);
  }

  async read(): Promise<string> {
    return String(this.total);
  }

  protected guarded(): void {}
  private inner(): void {
    this.inner();
  }
}

class Named extends Counter {
  name(): string {
    return this.label;
  }
}

abstract class Shape {
  abstract area(): number;
}

class Single {
  private constructor() {}
  static make(): Single {
    return new Single();
  }
}

declare const startRef: ObjectRef<number>;
const Remote = remote(Counter);

export function handles(): void {
  const counter = Remote.remote(1);
  expectType<RemoteClass<[start: number, label?: string], Counter>>()(Remote);
  expectType<ActorHandle<Counter>>()(counter);
  expectType<ObjectRef<number>>()(counter.increment.remote(1));
  expectType<ObjectRef<string>>()(counter.read.remote());
  expectType<ObjectRef<number>>()(counter.double.remote(2));
  expectType<ObjectRef<string>>()(counter.later.remote());
  expectType<ObjectRef<number>>()(counter.increment.options({ name: 'step' }).remote(startRef));
  Remote.remote(startRef, 'labelled');
  Remote.options({ numCpus: 1 }).remote(1);
}

export function onlyPublicMethods(): void {
  const counter = Remote.remote(1);
  type Names = Extract<keyof typeof counter, string>;
  const same: Equal<Names, 'increment' | 'read' | 'later' | 'double'> = true;
  void same;
  // @ts-expect-error data
  void counter.total;
  // @ts-expect-error private
  void counter.secret;
  // @ts-expect-error private method
  void counter.inner;
  // @ts-expect-error protected method
  void counter.guarded;
  // @ts-expect-error static
  void counter.made;
  // @ts-expect-error methods are called by .remote()
  counter.increment(1);
  // @ts-expect-error wrong argument
  counter.increment.remote('1');
  // @ts-expect-error too few constructor arguments
  Remote.remote();
}

export function assignability(): void {
  const named = remote(Named).remote(1);
  const base: ActorHandle<Counter> = named;
  // @ts-expect-error a base's handle lacks methods of the derived class
  const derived: ActorHandle<Named> = base;
  void derived;
}

export function classesThatHaveNoInstances(): void {
  // @ts-expect-error abstract
  remote(Shape);
  // @ts-expect-error private constructor
  remote(Single);
}

class Fetcher {
  fetch(url: string): string {
    return url;
  }
  compute = (x: number): number => x;
  readonly label = 'fetcher';
}

declare const someOptions: ActorOptions;

export function optionsOfMethods(): void {
  remote(Fetcher, {
    concurrencyGroups: { io: 2, compute: 4 },
    methods: { fetch: { concurrencyGroup: 'io', name: 'load' }, compute: { maxTaskRetries: 2 } },
  });
  remote(Fetcher, { maxConcurrency: 2, maxPendingCalls: 10 });
  remote(Fetcher, someOptions);
  remote(Fetcher).options(someOptions);
  remote(Fetcher, { thread: 'shared' }).options({ thread: 'own' });
  // @ts-expect-error neither of its own nor shared
  remote(Fetcher, { thread: 'pool' });
  // @ts-expect-error an option of classes
  remote((x: number) => x, { thread: 'shared' });
  // @ts-expect-error a method that the class does not have
  remote(Fetcher, { methods: { fetsch: {} } });
  // @ts-expect-error data is no method
  remote(Fetcher, { methods: { label: {} } });
  // @ts-expect-error an option that methods do not have
  remote(Fetcher, { methods: { fetch: { maxConcurrency: 2 } } });
  // @ts-expect-error a group that is not declared
  remote(Fetcher, {
    concurrencyGroups: { io: 2 },
    methods: { fetch: { concurrencyGroup: 'oi' } },
  });
  // @ts-expect-error no group is declared
  remote(Fetcher, { methods: { fetch: { concurrencyGroup: 'io' } } });
  const fetcher = remote(Fetcher).remote();
  expectType<ObjectRef<string>>()(fetcher.fetch.options({ concurrencyGroup: 'io' }).remote('a'));
  // @ts-expect-error an option of classes
  fetcher.fetch.options({ maxConcurrency: 2 });
}
