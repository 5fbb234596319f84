import { types } from 'node:util';
import { refusalOf } from '../../data/refusal';
import { className } from '../../data/shape';
import { classShapeOf } from '../analysis/class-shape';
import { shapeOf } from '../analysis/shape';
import type { CaptureContext } from './context';
import { descriptorOf } from './descriptor';

const privatesOfClass = new WeakMap<object, readonly string[]>();

/**
 * Why an instance cannot be copied by its own fields: a class above it keeps something where no
 * other code can put it. Undefined when it can.
 */
export function refusalOfInstance(
  instance: object,
  context: Pick<CaptureContext, 'natives'>,
): string | undefined {
  if (isRunning(instance)) return refusalOf(instance);
  let prototype = Object.getPrototypeOf(instance) as object | null;
  while (prototype !== null && prototype !== Object.prototype && prototype !== Function.prototype) {
    const owner = descriptorOf(prototype, 'constructor')?.value;
    if (typeof owner === 'function') {
      if (context.natives.has(owner)) return refusalOfNative(instance, owner.name);
      const privates = privateFieldsOf(owner);
      if (privates.length > 0) return refusalOfPrivate(instance, owner.name, privates);
    }
    prototype = Object.getPrototypeOf(prototype) as object | null;
  }
  return undefined;
}

/** Generators and built-in iterators stand somewhere in the middle of something. */
const isRunning = (instance: object): boolean =>
  types.isGeneratorObject(instance) ||
  / Iterator\]$/.test(Object.prototype.toString.call(instance));

function refusalOfNative(instance: object, native: string): string {
  const own = className(instance);
  if (own === native) return refusalOf(instance);
  return (
    `an instance of ${own} cannot be sent, for it extends ${native}, whose state is hidden; ` +
    'make it inside the function, keep it in an actor, or say how with registerClass()'
  );
}

function refusalOfPrivate(instance: object, owner: string, privates: readonly string[]): string {
  return (
    `an instance of ${className(instance)} cannot be sent, for nobody else can set ` +
    `${privates.join(', ')} of ${owner}; say how with registerClass(), ` +
    'make it inside the function, or keep it in an actor'
  );
}

/** `#private` names that instances have; methods and accessors count, for they brand them. */
function privateFieldsOf(owner: object): readonly string[] {
  const known = privatesOfClass.get(owner);
  if (known) return known;
  const source = Function.prototype.toString.call(owner);
  const shape = source.includes('#') ? shapeOf(source) : undefined;
  const members = (shape && classShapeOf(shape)?.members) ?? [];
  const names = members
    .filter((member) => !member.static && member.key?.startsWith('#'))
    .map(({ key }) => key as string);
  const privates = [...new Set(names)];
  privatesOfClass.set(owner, privates);
  return privates;
}
