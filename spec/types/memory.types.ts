import {
  allocate,
  free,
  get,
  getSync,
  init,
  listObjects,
  put,
  type ObjectInfo,
  type ObjectRef,
} from 'rayx';
import { expectType } from './expect-type';

declare const one: ObjectRef<Float64Array>;
declare const text: ObjectRef<string>;

export function memory(): void {
  expectType<Uint8ClampedArray>()(allocate(Uint8ClampedArray, 4));
  free(one);
  free([one, text]);
  void get(one, { copy: true });
  getSync(one, { copy: true, timeout: 1 });
  expectType<readonly ObjectInfo[]>()(listObjects());
  expectType<string | undefined>()(listObjects()[0]?.site);
  void init({ recordCreationSites: true });
  using held = put(1);
  expectType<ObjectRef<number>>()(held);

  // @ts-expect-error not a boolean
  void init({ recordCreationSites: 'all' });
  // @ts-expect-error not a ref
  free(1);
  // @ts-expect-error no typed array
  allocate(Map, 1);
}
