import { applyEdits, blank, freshName, padded, type Edit } from '../analysis/edits';
import { factsOf, type Facts } from '../analysis/facts';
import type { Positioned } from '../analysis/parse';
import { isDeclaredAt, isTopLevelThis } from '../analysis/script';
import { meaningOf } from './variables';
import { anyKey, shapeOf, usesOuterNewTarget, type Shape } from '../analysis/shape';
import type { Look } from '../scopes/inspector';
import { describeClass } from './classes';
import type { CaptureContext } from './context';
import { FreeVariables } from './free-variables';
import { nameOf } from './function-name';
import { ownerOfMethod, type OwnedMember } from './members';
import type { FunctionNode, Node } from './nodes';
import { describeExtras } from './own-properties';
import { isStrict, placeOf, siteOf, type Site } from './site';
import type { NodeWriter } from './writer';
import type { Trail } from './trail';

/** The node of a function or class that no import and no name brings. */
export function describeFunction(
  fn: object,
  context: CaptureContext,
  tx: NodeWriter,
  trail: Trail,
): Node {
  const look = context.inspector.look(fn);
  if (look.bound) return describeBound(look.bound, context, tx, trail);
  if (context.natives.has(fn)) throw tx.refuse(trail, refusalOfNative(fn, look, context));

  const source = Function.prototype.toString.call(fn);
  const script = context.scripts.at(look);
  const shape = shapeOf(source);
  if (!script || !shape) throw tx.refuse(trail, refusalOfText(source));
  const site = siteOf(fn, source, look, script);
  if (shape.node.type === 'ClassExpression') return describeClass(site, shape, context, tx, trail);

  const unnamed = withoutOuterName(site, shape);
  if (unnamed) return describePlain(unnamed.site, unnamed.shape, context, tx, trail);
  const facts = factsOf(shape);
  if (facts.outerSuper || facts.outerPrivates.length > 0) {
    return describeMethod(site, facts, context, tx, trail);
  }
  return describePlain(site, shape, context, tx, trail, facts);
}

function describePlain(
  site: Site,
  shape: Shape,
  context: CaptureContext,
  tx: NodeWriter,
  trail: Trail,
  facts = factsOf(shape),
): FunctionNode {
  const { fn, source } = site;
  if (facts.directEval) {
    throw tx.refuse(trail, 'it calls eval(), so what it uses cannot be known; use new Function()');
  }
  if (facts.blocking) tx.blocking = true;
  const { variables, edits } = new FreeVariables(site, facts, context, tx, trail).read();
  if (facts.outerThis) checkOuterThis(site, tx, trail);
  const text = applyEdits(source, [...edits, ...keyEdits(shape, source)]);
  return {
    kind: 'function',
    ...placeOf(site),
    source: text,
    name: nameOf(fn),
    strict: isStrict(site),
    variables,
    helper: freshName('$S', text),
    ...(shape.member && { member: memberOf(shape.member) }),
    ...describeExtras(fn, () => false, tx, trail),
  };
}

/**
 * A declared function names itself through the variable around it, which may hold something else by
 * now: then its text must not bring a name of its own.
 */
function withoutOuterName(site: Site, { node }: Shape): { site: Site; shape: Shape } | undefined {
  const id = node.type === 'FunctionExpression' ? (node.id as Positioned | null) : undefined;
  const name = nameOf(site.fn);
  if (!id) return undefined;
  const meaning = meaningOf(name, site.look);
  if (meaning.kind !== 'variable' || meaning.value === site.fn) return undefined;
  if (!isDeclaredAt(site.script, site.offset)) return undefined;
  const source = site.source.replace(name, blank(name));
  const shape = shapeOf(source);
  return shape && { site: { ...site, source }, shape };
}

/** Around a whole ES module `this` is undefined, and so it is where a function is rebuilt. */
function checkOuterThis({ script, offset }: Site, tx: NodeWriter, trail: Trail): void {
  if (script.isModule && isTopLevelThis(script, offset)) return;
  throw tx.refuse(
    trail,
    'it uses the `this` of the function around it, which cannot be read; ' +
      'bind the value to a const and use that, or make it an actor',
  );
}

/** A key that only the class can read is replaced: the function keeps its name by other means. */
function keyEdits({ member }: Shape, source: string): Edit[] {
  if (!member?.opaqueKey) return [];
  const [start, end] = member.opaqueKey;
  return [{ start, end, text: padded(anyKey, source.slice(start, end)) }];
}

function memberOf({
  key,
  accessor,
}: NonNullable<Shape['member']>): NonNullable<FunctionNode['member']> {
  return { key, ...(accessor && { accessor }) };
}

function describeBound(
  { target, boundThis, boundArgs }: NonNullable<Look['bound']>,
  context: CaptureContext,
  tx: NodeWriter,
  trail: Trail,
): Node {
  // A handler bound in a constructor is found again through the instance's class.
  const owner = ownerOfMethod(target, [boundThis, classOf(boundThis)], context.members);
  const asMethod = owner && (() => methodNode(target, owner, context, tx, trail));
  return {
    kind: 'bound',
    target: tx.slot(target, trail, '[[TargetFunction]]', asMethod),
    self: tx.slot(boundThis, trail, '[[BoundThis]]'),
    args: boundArgs.map((arg, at) => tx.slot(arg, trail, `[[BoundArgs]][${at}]`)),
  };
}

const classOf = (instance: unknown): unknown =>
  typeof instance === 'object' && instance !== null
    ? (instance as { constructor?: unknown }).constructor
    : undefined;

/** A method that is nothing without its class: the class is sent, and the method's name in it. */
function describeMethod(
  site: Site,
  facts: Facts,
  context: CaptureContext,
  tx: NodeWriter,
  trail: Trail,
): Node {
  const around = site.look.scopes.flatMap(({ description, variables }) =>
    description === 'Global' ? [] : valuesOf(variables),
  );
  const captured = Array.from(context.classes, (ref) => ref.deref());
  const owner = ownerOfMethod(site.fn, [...around, ...captured], context.members);
  if (owner) return methodNode(site.fn, owner, context, tx, trail);
  const what = facts.outerSuper ? '`super`' : `#${facts.outerPrivates.join(', #')}`;
  throw tx.refuse(
    trail,
    `it uses ${what} of an object or class that cannot be read from it; ` +
      'send the class itself, or name what it needs in a const',
  );
}

function methodNode(
  fn: object,
  { owner, key, isStatic, part, replaced }: OwnedMember,
  context: CaptureContext,
  tx: NodeWriter,
  trail: Trail,
): Node {
  // Once another has taken its place in the class, which lives as long, nobody could find it there.
  context.identity.hold(fn);
  return {
    kind: 'method',
    of: tx.slot(owner, trail, nameOf(owner)),
    key: tx.slot(key, trail, String(key)),
    static: isStatic,
    part,
    ...(replaced && { replaced }),
  };
}

/** Variables without value yet are passed over. */
function valuesOf(variables: object): unknown[] {
  return Object.keys(variables).flatMap((name) => {
    try {
      return [(variables as Record<string, unknown>)[name]];
    } catch {
      return [];
    }
  });
}

function refusalOfNative(fn: object, look: Look, context: CaptureContext): string {
  const isPromisified = context.scripts.urlAt(look) === 'node:internal/util';
  const name = nameOf(fn) || 'this function';
  if (isPromisified) {
    return `${name} was made by a function of node:util; make it inside the function, where it is used`;
  }
  return `${name} belongs to Node and has no name that other threads know; get it inside the function`;
}

function refusalOfText(source: string): string {
  if (usesOuterNewTarget(source)) {
    return 'it uses the `new.target` of the function around it, which cannot be read; bind it to a const';
  }
  return `its source cannot be read: ${source.slice(0, 60)}`;
}
