import { descriptorOf } from './descriptor';

/** A function's name as it was given; empty when there is none or the class has made it something else. */
export function nameOf(fn: object): string {
  const name = descriptorOf(fn, 'name')?.value;
  return typeof name === 'string' ? name : '';
}
