import { whenCollected } from '../../base/garbage';
import { applyEdits, blank, freshName, padded, type Edit } from '../analysis/edits';
import {
  classShapeOf,
  memberText,
  type ClassMember,
  type ClassShape,
} from '../analysis/class-shape';
import { factsOf } from '../analysis/facts';
import { shapeOf, type Shape } from '../analysis/shape';
import { InternalError } from '../../base/errors';
import type { CaptureContext } from './context';
import { descriptorOf } from './descriptor';
import { FreeVariables } from './free-variables';
import { nameOf } from './function-name';
import type { ClassNode, Slot, Variable } from './nodes';
import { describeExtras } from './own-properties';
import { placeOf, type Site } from './site';
import type { NodeWriter } from './writer';
import type { Trail } from './trail';
import { meaningOf } from './variables';

/**
 * A class, made so that nothing static runs again: what it extends comes as a value, static
 * initialisers and blocks are blanked, and what they have made is copied.
 */
export function describeClass(
  site: Site,
  shape: Shape,
  context: CaptureContext,
  tx: NodeWriter,
  trail: Trail,
): ClassNode {
  const classShape = classShapeOf(shape) as ClassShape;
  const { fn, source, look } = site;
  const helper = freshName('$S', source);
  const heritage = heritageOf(site, classShape);
  const keys = computedKeys(site, classShape, tx, trail);
  const privates = classShape.members
    .filter((member) => isStaticPrivateField(member))
    .map(({ key }) => (key as string).slice(1));

  const surgery = applyEdits(source, [
    ...(heritage?.edit ? [heritage.edit] : []),
    ...classShape.members.flatMap((member) => blanked(member, source)),
    ...keys.edits,
    ...installers(privates, classShape.bodyEnd, helper),
  ]);
  const after = shapeOf(surgery);
  if (!after) throw new InternalError(`class surgery has broken ${nameOf(fn)}:\n${surgery}`);
  const facts = factsOf(after);
  if (facts.directEval) {
    throw tx.refuse(trail, 'it calls eval(), so what it uses cannot be known; use new Function()');
  }
  if (facts.outerPrivates.length > 0) {
    const names = facts.outerPrivates.join(', #');
    throw tx.refuse(trail, `it uses #${names} of a class around it; move it out of that class`);
  }
  if (facts.blocking) tx.blocking = true;
  noteClass(fn, context.classes);

  const given = new Set([helper, heritage?.name, ...keys.variables.map(({ name }) => name)]);
  const inner = { ...site, source: surgery };
  const free = new FreeVariables(inner, facts, context, tx, trail).read(given);
  const text = applyEdits(surgery, free.edits);
  const originals = new Originals(fn, source, classShape, context);
  return {
    kind: 'class',
    ...placeOf(site),
    source: text,
    name: nameOf(fn),
    strict: true,
    variables: [...keys.variables, ...free.variables],
    helper,
    ...(heritage && {
      heritage: { name: heritage.name, value: tx.slot(heritage.value, trail, heritage.label) },
    }),
    ...(privates.length > 0 && {
      privates: privates.map((name): [string, Slot] => [
        name,
        tx.slot(look.privates.get(`#${name}`), trail, `#${name}`),
      ]),
    }),
    ...describeExtras(fn, (owner, key) => originals.has(owner, key), tx, trail, true),
  };
}

interface Heritage {
  readonly name: string;
  readonly value: unknown;
  /** For messages. */
  readonly label: string;
  readonly edit?: Edit;
}

/** Leaves `extends B` as it stands where `B` is still what the class extends. */
function heritageOf({ fn, source, look }: Site, { heritage }: ClassShape): Heritage | undefined {
  if (!heritage) return undefined;
  const value: unknown = Object.getPrototypeOf(fn);
  const { start, end, name } = heritage;
  const old = source.slice(start, end);
  if (name !== undefined) {
    const meaning = meaningOf(name, look);
    if (meaning.kind !== 'variable' || meaning.value === value) return { name, value, label: name };
  }
  const fresh = freshName('$H', source);
  return { name: fresh, value, label: old, edit: { start, end, text: padded(fresh, old) } };
}

const isStaticPrivateField = ({ kind, key, static: isStatic }: ClassMember): boolean =>
  isStatic && kind === 'field' && key?.startsWith('#') === true;

/** Static fields go, but for private ones: these must be declared, and get their value by other means. */
function blanked(member: ClassMember, source: string): Edit[] {
  if (!member.static || (member.kind !== 'field' && member.kind !== 'block')) return [];
  const [start, end] = isStaticPrivateField(member)
    ? (member.initializer ?? [member.end, member.end])
    : [member.start, member.end];
  return start === end ? [] : [{ start, end, text: blank(source.slice(start, end)) }];
}

/** Gives the rebuilding side a way to set static private fields, right before the last brace. */
function installers(names: readonly string[], at: number, helper: string): Edit[] {
  if (names.length === 0) return [];
  const set = names.map((name) => `${helper}.set.${name}=(v)=>{this.#${name}=v}`).join(';');
  return [{ start: at, end: at, text: `static{${set}}` }];
}

/** Keys that were computed are given as values: what computed them may be gone. */
function computedKeys(
  { fn, source }: Site,
  { members }: ClassShape,
  tx: NodeWriter,
  trail: Trail,
): { edits: Edit[]; variables: Variable[] } {
  const edits: Edit[] = [];
  const variables: Variable[] = [];
  const places = [fn, (fn as { prototype: object }).prototype] as const;
  for (const member of members) {
    if (!member.computed || member.kind === 'field' || member.kind === 'block') continue;
    const [start, end] = member.computed;
    const old = source.slice(start, end);
    if (/^Symbol\.\w+$/.test(old)) continue;
    const key = keyBySource(places[member.static ? 0 : 1], memberText(member, source));
    if (key === undefined) continue;
    const name = freshName(`$K${variables.length}`, source);
    variables.push({ name, value: tx.slot(key, trail, String(key)) });
    edits.push({ start, end, text: padded(name, old) });
  }
  return { edits, variables };
}

function keyBySource(place: object, text: string): string | symbol | undefined {
  return Reflect.ownKeys(place).find((key) => {
    const descriptor = descriptorOf(place, key);
    return [descriptor?.value, descriptor?.get, descriptor?.set].some(
      (part) => typeof part === 'function' && sourceOf(part) === text,
    );
  });
}

const sourceOf = (fn: object): string => Function.prototype.toString.call(fn);

/** Which members of a class are still what its source made them. */
class Originals {
  readonly #fn: object;
  readonly #texts = { own: new Set<string>(), proto: new Set<string>() };
  readonly #context: CaptureContext;

  constructor(fn: object, source: string, shape: ClassShape, context: CaptureContext) {
    this.#fn = fn;
    this.#context = context;
    for (const member of shape.members) {
      if (member.kind === 'field' || member.kind === 'block') continue;
      this.#texts[member.static ? 'own' : 'proto'].add(memberText(member, source));
    }
  }

  has(place: 'own' | 'proto', key: string | symbol): boolean {
    const owner = place === 'own' ? this.#fn : (this.#fn as { prototype: object }).prototype;
    const descriptor = descriptorOf(owner, key);
    const parts = (['value', 'get', 'set'] as const).filter((part) => descriptor?.[part]);
    const original = parts.every((part) => {
      const value = descriptor?.[part];
      return typeof value === 'function' && this.#texts[place].has(sourceOf(value));
    });
    if (parts.length === 0 || !original) return false;
    for (const part of parts) {
      const member = { owner: this.#fn, key, isStatic: place === 'own', part };
      this.#context.members.set(descriptor?.[part] as object, member);
    }
    return true;
  }
}

function noteClass(fn: object, classes: Set<WeakRef<object>>): void {
  const ref = new WeakRef(fn);
  classes.add(ref);
  whenCollected(fn, () => classes.delete(ref));
}
