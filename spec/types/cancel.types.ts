import { cancel, type CancelOptions, getRuntimeContext, put, remote } from 'rayx';
import { expectType } from './expect-type';

class Counter {
  increment(): number {
    return 1;
  }
}

const square = remote((x: number) => x * x);
const counter = remote(Counter).remote();

expectType<void>()(cancel(square.remote(2)));
expectType<void>()(cancel([square.remote(2), counter.increment.remote(), put('text')]));
expectType<void>()(cancel([square.remote(2)] as const, { force: true, recursive: false }));
const options: CancelOptions = { force: false };
cancel(put(1), options);

// @ts-expect-error an actor is ended by kill()
cancel(counter);
// @ts-expect-error a value is no ref
cancel(4);
// @ts-expect-error unknown option
cancel(square.remote(2), { forced: true });

expectType<AbortSignal | undefined>()(getRuntimeContext().signal);

const { signal } = new AbortController();
square.options({ signal, timeout: 1000, graceMs: 10 });
counter.increment.options({ signal });
// @ts-expect-error a method has no timeout of its own
counter.increment.options({ timeout: 1000 });
