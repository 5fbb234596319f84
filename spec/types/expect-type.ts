/** Whether two types are the same, `any` and optional members included. */
export type Equal<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/* eslint-disable @typescript-eslint/no-unused-vars -- only the types of the parameters matter */
/** Compiles only when the value's type is exactly `Expected`: `expectType<number>()(value)`. */
export function expectType<Expected>() {
  return <Actual>(
    _value: Actual,
    ..._differs: Equal<Actual, Expected> extends true ? [] : [expected: Expected]
  ): void => {};
}
