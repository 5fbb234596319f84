import { put, remote, type ObjectRef, type RemoteFunction } from 'rayx';
import { expectType } from './expect-type';

const add = remote((a: number, b: number) => a + b);
const greet = remote(async (name: string, greeting?: string) => `${greeting} ${name}`);
const total = remote((first: number, ...rest: number[]) => first + rest.length);
const either = remote((value: string | number) => value);
const flag = remote((on: boolean) => on);
const nothing = remote(() => {});
const fails = remote((): never => {
  throw new Error('always');
});
// eslint-disable-next-line @typescript-eslint/no-explicit-any
const anything = remote((): any => 1);

declare const one: ObjectRef<number>;
declare const text: ObjectRef<string>;
declare const stringOrNumber: ObjectRef<string | number>;

export function results(): void {
  expectType<ObjectRef<number>>()(add.remote(1, 2));
  expectType<ObjectRef<string>>()(greet.remote('Ray'));
  expectType<ObjectRef<void>>()(nothing.remote());
  expectType<ObjectRef<never>>()(fails.remote());
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  expectType<ObjectRef<any>>()(anything.remote());
  expectType<RemoteFunction<[a: number, b: number], number>>()(add);
  expectType<RemoteFunction<[a: number, b: number], number>>()(add.options({ numCpus: 2 }));
}

export function argumentsAreValuesOrRefs(): void {
  add.remote(1, one);
  add.remote(one, add.remote(1, 2));
  greet.remote(text);
  greet.remote('Ray', text);
  total.remote(1);
  total.remote(one, 2, one);
  either.remote(stringOrNumber);
  either.remote(one);
  flag.remote(put<boolean>(true));

  // @ts-expect-error a ref to the wrong type
  add.remote(1, text);
  // @ts-expect-error a value of the wrong type
  add.remote(1, '2');
  // @ts-expect-error too few
  add.remote(1);
  // @ts-expect-error too many
  add.remote(1, 2, 3);
  // @ts-expect-error rest elements are checked too
  total.remote(1, text);
}

export function misuse(): void {
  // @ts-expect-error not to be called directly
  add(1, 2);
  // @ts-expect-error no such option
  remote(() => 1, { numCPUs: 2 });
  // @ts-expect-error wrong type
  add.options({ numCpus: '2' });
  // @ts-expect-error a ref is no value
  const value: number = one;
  void value;
  // @ts-expect-error a ref names a stored value already
  put(one);
}

export function genericsByInstantiation(): void {
  const identity = <T>(value: T): T => value;
  expectType<ObjectRef<number>>()(remote(identity<number>).remote(1));
}
