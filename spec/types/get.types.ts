import { from, mergeMap, type Observable } from 'rxjs';
import {
  completed,
  fromRef,
  get,
  getSync,
  mapRemote,
  put,
  remote,
  wait,
  type ObjectRef,
} from 'rayx';
import { expectType } from './expect-type';

declare const one: ObjectRef<number>;
declare const text: ObjectRef<string>;
declare const many: ObjectRef<number>[];
declare const fixed: readonly [ObjectRef<number>, ObjectRef<Date>];
const square = remote((x: number) => x * x);

export function values(): void {
  expectType<Promise<number>>()(get(one));
  expectType<Promise<[number, string]>>()(get([one, text]));
  expectType<Promise<number[]>>()(get(many));
  expectType<Promise<[number, Date]>>()(get(fixed));
  expectType<number>()(getSync(one));
  expectType<[number, string]>()(getSync([one, text]));
  expectType<Promise<[]>>()(get([]));
  expectType<ObjectRef<number[]>>()(put([1, 2]));
  void get(one, { timeout: 100, signal: new AbortController().signal });

  // @ts-expect-error not a ref
  void get(1);
  // @ts-expect-error not a list of refs
  void get([one, 2]);
  // @ts-expect-error no such option
  void get(one, { timeOut: 1 });
  // @ts-expect-error a blocked thread hears no signal
  getSync(one, { signal: new AbortController().signal });
}

export function waiting(): void {
  expectType<Promise<[ready: ObjectRef<number>[], pending: ObjectRef<number>[]]>>()(wait(many));
  // @ts-expect-error a single ref
  void wait(one);
}

export async function refsAreNotThenable(): Promise<void> {
  const answer = async (): Promise<ObjectRef<number>> => Promise.resolve(one);
  expectType<ObjectRef<number>>()(await answer());
  expectType<Awaited<ObjectRef<number>>>()(one);
}

export function pipelines(): void {
  expectType<Observable<number>>()(from([1, 2]).pipe(mergeMap((x) => square.remote(x))));
  expectType<Observable<number>>()(from([1, 2]).pipe(mapRemote(square, 2)));
  expectType<Observable<number>>()(from(many).pipe(mapRemote(square)));
  expectType<Observable<number>>()(completed(many));
  expectType<Observable<number | string>>()(completed([one, text]));
  expectType<Observable<string>>()(fromRef(text));
  // @ts-expect-error the function takes numbers
  from(['a']).pipe(mapRemote(square));
}
