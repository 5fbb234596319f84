import type { CallBase, CreateActor, MethodCall, TaskCall } from './messages';

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/**
 * A call of any kind on its way to being one: its fields are set one by one, the rare ones last. To
 * copy it with a field more costs the engine ten times as much, and makes of each call a thing of its
 * own shape, on which every later look is slow.
 */
export type CallDraft = Writable<
  CallBase & Partial<Omit<TaskCall & MethodCall & CreateActor, keyof CallBase>>
>;
