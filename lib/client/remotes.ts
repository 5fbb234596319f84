import { inspect } from 'node:util';
import { InvalidArgumentError, InvalidCallError } from '../base/errors';
import { resolveRemoteOptions, type TaskOptions } from '../base/options/remote';
import { brand, brandOf } from './brand';
import { requireClient } from './current';
import { displayName, type Definition } from './definition';
import { checkMethods } from './shapes';

const definitionKey = Symbol('rayx.definition');

/** A remote function or class as user code holds it, whatever its types. */
export interface Remote {
  (...args: never[]): never;
  readonly remote: (...args: never[]) => unknown;
  readonly options: (options: TaskOptions) => Remote;
  readonly [definitionKey]: Definition;
}

/** Makes the thing that `remote()` answers with. */
export function createRemote(definition: Definition): Remote {
  const { kind, name } = definition;
  const target = function (): never {
    throw directUse(definition);
  };
  function remote(...args: unknown[]): unknown {
    checkArity(definition, args);
    const client = requireClient();
    if (kind === 'class') return client.createActor(definition, args, remote);
    return definition.generator && definition.options.given.numReturns === undefined
      ? client.submitStream(definition, args, remote)
      : client.submit(definition, args, remote);
  }
  const options = (given: TaskOptions): Remote => {
    const where = `${name}.options()`;
    const merged = resolveRemoteOptions(kind, given, where, definition.options);
    const changed = { ...definition, options: merged };
    checkMethods(changed, where);
    return createRemote(changed);
  };
  const print = (): string => `${label(definition)}(${displayName(definition)})`;
  Object.defineProperties(target, {
    name: { value: displayName(definition) },
    remote: { value: remote, enumerable: true },
    options: { value: options, enumerable: true },
    toString: { value: print },
    [inspect.custom]: { value: print },
    [definitionKey]: { value: definition },
  });
  brand(target, kind === 'class' ? 'remote class' : 'remote function');
  return target as unknown as Remote;
}

/** @throws InvalidArgumentError when another copy of rayx made it */
export function isRemote(value: unknown): value is Remote {
  const kind = brandOf(value);
  return kind === 'remote function' || kind === 'remote class';
}

export const definitionOf = (remote: Remote): Definition => remote[definitionKey];

/**
 * @param name for the error: `square`, `Counter.increment`
 * @throws InvalidArgumentError when there are fewer arguments than required parameters
 */
export function checkArity(
  { name, arity }: Pick<Definition, 'name' | 'arity'>,
  args: readonly unknown[],
): void {
  if (args.length >= arity) return;
  const needed = arity === 1 ? '1 argument' : `${arity} arguments`;
  throw new InvalidArgumentError(`${name}.remote() needs at least ${needed}, got ${args.length}`);
}

const label = ({ kind }: Definition): string =>
  kind === 'class' ? 'RemoteClass' : 'RemoteFunction';

function directUse({ kind, name }: Definition): InvalidCallError {
  const [what, how] = kind === 'class' ? ['class', 'make an instance'] : ['function', 'call it'];
  return new InvalidCallError(
    `the remote ${what} ${name} cannot be called directly: ${how} by .remote(), as in ${name}.remote(...)`,
  );
}
