import type { ActorId } from '../base/ids';
import type { CrashContext } from '../base/options/remote';
import type { CrashReport, ToWorker } from '../protocol/messages';
import type { RemoteSpec } from '../protocol/specs';
import type { CallTools } from './call';
import { judgeCrash, type OnCrash } from './crash-verdict';

type Judge = Extract<ToWorker, { type: 'judge' }>;

export interface Supervised {
  readonly spec: RemoteSpec;
  readonly actor: ActorId;
  /** How often it was made anew. */
  readonly restarts: number;
}

/**
 * What becomes of one instance, and of those that it made, when their code throws: its `onCrash` is
 * asked here, on its own thread, and the raylet carries out what it says. Until then nothing more is
 * begun.
 */
export class Supervision {
  private open: Promise<void> | undefined;
  private goOn: (() => void) | undefined;

  constructor(
    private readonly supervised: Supervised,
    private readonly tools: CallTools,
  ) {}

  /** Pending while the instance may begin nothing. */
  get suspended(): Promise<void> | undefined {
    return this.open;
  }

  /** Whether its class has an opinion of its own. */
  get has(): boolean {
    return this.onCrash !== undefined;
  }

  /**
   * Asks what is to become of the instance. Answers what the raylet must know; nothing when the
   * instance just goes on, or when that is being decided already.
   */
  ask(error: unknown, during: CrashContext['during']): CrashReport | undefined {
    const { onCrash } = this;
    if (onCrash === undefined || this.open !== undefined) return undefined;
    const verdict = judgeCrash(onCrash, error, this.context(during));
    const { directive, faulty } = verdict;
    if (directive === 'resume') return undefined;
    this.open = new Promise((resolve) => {
      this.goOn = resolve;
    });
    const task = this.taskOf(during);
    const thrown = this.tools.codec.encodeThrown(verdict.error);
    return {
      directive,
      during,
      failure: { kind: 'thrown', task, error: thrown },
      ...(faulty && { faulty }),
    };
  }

  /** Somebody above has decided that the instance goes on. */
  resume(): void {
    this.open = undefined;
    this.goOn?.();
  }

  /** Decides about an instance that this one has made, or that the one made which escalated. */
  judge({ child, token, failure, during, restarts }: Judge): void {
    const { codec, report } = this.tools;
    const error = codec.decodeThrown(failure.error);
    const { onCrash } = this;
    if (onCrash === undefined) return report({ type: 'judged', child: child.actorId, token });
    const context = { ...this.context(during), restarts, child };
    const verdict = judgeCrash(onCrash, error, context);
    const { directive, faulty } = verdict;
    report({
      type: 'judged',
      child: child.actorId,
      token,
      directive,
      ...(faulty && { failure: { ...failure, error: codec.encodeThrown(verdict.error) } }),
    });
  }

  private context(during: CrashContext['during']): CrashContext {
    const { spec, actor, restarts } = this.supervised;
    return { actorName: spec.name, actorId: actor, during, restarts };
  }

  private taskOf(during: CrashContext['during']): string {
    const { name } = this.supervised.spec;
    return typeof during === 'string' ? name : `${name}.${during.method}`;
  }

  private get onCrash(): OnCrash | undefined {
    const { spec } = this.supervised;
    try {
      return this.tools.callbacks.of(spec)?.onCrash;
    } catch {
      // Its code could not be loaded, which is what the constructor has failed with.
      return undefined;
    }
  }
}
