import type { ActorId } from '../base/ids';
import { callContext, type CallContext } from '../protocol/context';
import { actorLabel } from '../protocol/labels';
import type { CreateActor, MethodCall } from '../protocol/messages';
import type { RemoteSpec } from '../protocol/specs';
import { currentCall, UserCall, type CallEnd, type CallTools, type CallTraits } from './call';
import { GivenCalls } from './given-calls';
import type { SavedState } from './saved-state';
import { Slots } from './slots';
import { Supervision } from './supervision';

/** What lives in an instance's actor: the object itself, once its constructor has run. */
export class Instance {
  readonly slots: Slots;
  /** Never more than one call of it is under way. */
  readonly alone: boolean;
  readonly supervision: Supervision;
  /** Where it may have to leave a thread that lives on. */
  readonly given: GivenCalls | undefined;
  object: object | undefined = undefined;
  /** Where its state survives a restart. */
  saved: SavedState | undefined = undefined;
  /** Of its constructor. */
  context: CallContext | undefined = undefined;
  /** Calls that run. */
  underWay = 0;
  /** It was said that a call blocks the others. */
  private warned = false;

  constructor(
    readonly id: ActorId,
    readonly spec: RemoteSpec,
    /** How often it was made anew. */
    readonly restarts: number,
    private readonly tools: CallTools,
  ) {
    const { maxConcurrency = 1, concurrencyGroups, sharesThread } = spec.actor ?? {};
    this.slots = new Slots(maxConcurrency);
    this.alone = maxConcurrency === 1 && concurrencyGroups === undefined;
    this.supervision = new Supervision({ spec, actor: id, restarts }, tools);
    this.given = sharesThread ? new GivenCalls() : undefined;
  }

  /** Runs code of the instance that belongs to none of its calls. */
  inside<T>(body: () => T): T {
    return this.context === undefined ? body() : callContext.run(this.context, body);
  }

  /** Its constructor, or one of its methods, that is going to run. */
  userCall(
    call: CreateActor | MethodCall,
    name: string,
    attempt: number,
    onEnd: (end: CallEnd) => void,
    traits: CallTraits,
  ): UserCall {
    const { id, spec, restarts, alone, given, tools } = this;
    const context = {
      call: call.id,
      name,
      // People count from 1.
      attempt: attempt + 1,
      depth: call.depth,
      caller: call.actor,
      actor: call.actor,
      ...(given && { sharesThread: true as const }),
      restarts,
      ended: false,
      blocked: false,
      ...(!alone && { onBlock: () => this.warnOfBlocking(name) }),
    };
    if (given === undefined) return new UserCall(context, spec.name, tools, onEnd, traits);
    const end = (how: CallEnd): void => {
      given.ended(user);
      onEnd(how);
    };
    // Lines of its output are told from those of its neighbours.
    const user = new UserCall(context, actorLabel(spec.name, id), tools, end, traits);
    given.began(user);
    return user;
  }

  private warnOfBlocking(name: string): void {
    const others = this.underWay - 1;
    const call = currentCall();
    if (this.warned || others < 1 || call === undefined) return;
    this.warned = true;
    const calls = others === 1 ? 'another call' : `${others} other calls`;
    const text = `${name} blocks ${calls} of its actor by getSync(); use await get() instead`;
    this.tools.note(call.label, text);
  }
}
