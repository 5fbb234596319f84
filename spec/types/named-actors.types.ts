import { type ActorHandle, exitActor, getActor, kill, listNamedActors, type ObjectRef } from 'rayx';
import { expectType } from './expect-type';

class Counter {
  increment(by: number): number {
    return by;
  }
}

export function named(): void {
  const counter = getActor<Counter>('counter');
  expectType<ActorHandle<Counter>>()(counter);
  expectType<ObjectRef<number>>()(counter.increment.remote(1));
  expectType<ActorHandle<Counter>>()(getActor<Counter>('counter', 'other'));
  // @ts-expect-error -- a name is a string
  getActor<Counter>(1);

  expectType<string[]>()(listNamedActors());
  expectType<string[]>()(listNamedActors({ allNamespaces: false }));
  const [first] = listNamedActors({ allNamespaces: true });
  expectType<{ readonly name: string; readonly namespace: string } | undefined>()(first);
}

declare const counter: ActorHandle<Counter>;

export function ends(): void {
  expectType<void>()(kill(counter));
  kill(counter, { noRestart: false });
  // @ts-expect-error -- a class is no handle
  kill(Counter);
  // @ts-expect-error -- no such option
  kill(counter, { restart: true });
}

/** What follows never runs, so nothing has to be returned. */
export function leaves(): number {
  return exitActor();
}
