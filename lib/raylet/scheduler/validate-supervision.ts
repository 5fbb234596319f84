import { standsStill } from './judgements';
import { must } from './must';
import type { Parts } from './parts';

/** As `validate`, for what is being decided about instances. */
export function validateSupervision(parts: Parts): void {
  for (const actor of parts.lives.values()) {
    const { judgement, judges } = actor;
    const check = (right: boolean, what: string): void => must(parts, right, actor.id, what);
    if (judgement !== undefined) {
      const { judge } = judgement;
      check(judge.judges?.has(actor) ?? false, 'its judge does not know it');
      check(parts.lives.get(judge.id) === judge && judge.state === 'alive', 'its judge is gone');
      check(!standsStill(judge), 'its judge stands still');
    }
    for (const child of judges ?? []) check(child.judgement?.judge === actor, 'judges in vain');
  }
}
