import type { Look } from '../scopes/inspector';

/** What a name means where a function uses it. */
export type Meaning =
  | { readonly kind: 'variable'; readonly value: unknown; readonly topLevel: boolean }
  /** It exists and has no value yet. */
  | { readonly kind: 'unready' }
  | { readonly kind: 'global' };

/** Looks a name up from the inside out. */
export function meaningOf(name: string, look: Look): Meaning & { scope?: number } {
  for (const [scope, { description, variables }] of look.scopes.entries()) {
    if (description === 'Global') break;
    if (!Object.hasOwn(variables, name)) continue;
    try {
      const value = (variables as Record<string, unknown>)[name];
      return { kind: 'variable', value, topLevel: isOutermost(look, scope), scope };
    } catch {
      return { kind: 'unready' };
    }
  }
  return { kind: 'global' };
}

/** Whether nothing but global scopes stand around a scope. */
function isOutermost(look: Look, scope: number): boolean {
  return look.scopes
    .slice(scope + 1)
    .every(({ description }) => description === 'Global' || description === 'Script');
}
