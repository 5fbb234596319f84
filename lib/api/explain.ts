import { openRefs } from '../client/open-refs';
import { isRef, type ObjectRef } from '../client/refs';
import type { Explanation } from '../protocol/explanation';
import { notRefs } from './refs';

/**
 * Why a ref is still pending: for which refs its call waits, for which resources and who has them,
 * behind how many calls it stands, where and how long it has been running. `state` tells the cases
 * apart, `reason` says it in a sentence. What it tells is so at the moment of asking.
 *
 * @example
 * explain(ref).reason; // 'train waits for GPU: 1 (0 free), held by the actor Trainer for life'
 *
 * @throws InvalidArgumentError for anything but a ref
 * @throws ShutdownError when the runtime has ended
 */
export function explain(ref: ObjectRef<unknown>): Explanation {
  if (!isRef(ref)) throw notRefs('explain() takes a ref', ref);
  const { client } = openRefs([ref]);
  return client.ask({ type: 'explain', id: ref.id }).explanation;
}
