import { inspect } from 'node:util';
import { InvalidArgumentError } from '../base/errors';
import { validateOptions } from '../base/options/validate';
import { requireClient } from '../client/current';
import type { ActorHandle, NoReturns } from '../client/types';
import type { FullActorName } from '../protocol/answers';

/** Options of `listNamedActors`. */
export interface ListNamedActorsOptions {
  /** Of every namespace, not just that of this runtime. @defaultValue false */
  readonly allNamespaces?: boolean;
}

/**
 * The handle of the living actor that has this name, from any thread. It holds the actor like every
 * handle. `T` is the class that was made remote, `Returns` the `numReturns` that it gives its methods.
 *
 * @param namespace where the name is unique. Default: that of `init`
 *
 * @example
 * remote(Counter, { name: 'hits', lifetime: 'detached' }).remote();
 * const hits = getActor<Counter>('hits'); // here, in a task, in another actor
 *
 * @throws ActorNotFoundError when no living actor has the name
 * @throws InvalidArgumentError for a name or namespace that is not a non-empty string
 */
export function getActor<T, Returns = NoReturns>(
  name: string,
  namespace?: string,
): ActorHandle<T, Returns> {
  checkName('a name', name);
  if (namespace !== undefined) checkName('a namespace', namespace);
  return requireClient().getActor(name, namespace) as ActorHandle<T, Returns>;
}

/**
 * The names of all living actors that have one, the oldest first.
 *
 * @example
 * listNamedActors(); // ['hits']
 * listNamedActors({ allNamespaces: true }); // [{ name: 'hits', namespace: 'web' }, …]
 *
 * @throws InvalidOptionError for unknown or ill-typed options
 */
export function listNamedActors(options?: { readonly allNamespaces?: false }): string[];
export function listNamedActors(options: { readonly allNamespaces: true }): FullActorName[];
export function listNamedActors(options?: ListNamedActorsOptions): string[] | FullActorName[];
export function listNamedActors(options?: ListNamedActorsOptions): string[] | FullActorName[] {
  validateOptions('listNamedActors', options, 'listNamedActors()');
  const all = options?.allNamespaces ?? false;
  const { names } = requireClient().ask({ type: 'actorNames', all });
  return all ? [...names] : names.map(({ name }) => name);
}

function checkName(what: string, name: unknown): void {
  if (typeof name === 'string' && name !== '') return;
  throw new InvalidArgumentError(
    `getActor() takes ${what}, a non-empty string, not ${inspect(name, { depth: 0 })}`,
  );
}
