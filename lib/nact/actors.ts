import type * as Nact from 'nact';
import type { Turns } from '../protocol/turns';
import { TurnActor, type TurnBehaviour } from './turn-actor';

/** By its files, for every thread starts with it: the index loads nact's persistence, which takes as long again. */
const nact = {
  ...require('nact/lib/actor'),
  ...require('nact/lib/functions'),
  ...require('nact/lib/system'),
} as typeof Nact;

/** What an actor system tells whoever started it, and what it runs on. */
export interface SystemOptions {
  /** Sees every message on its way, before it is delivered. */
  readonly onMessage?: (to: string, message: unknown) => void;
  /** A handler threw: a bug of ours, since user code is caught where it is called. */
  readonly onFault: (actor: string, error: unknown) => void;
  /** For a thread that must be able to block for its own actors. @defaultValue nact's own */
  readonly turns?: Pick<Turns, 'soon'>;
}

/** What carries an actor. */
type Inner<M> = Nact.Ref<M> | TurnActor;

/** Answers the actor's next state. While its promise is pending the actor takes no other message. */
export type Handler<State, Message> = (state: State, message: Message) => State | Promise<State>;

export interface ActorOptions<State> {
  readonly initialState: State;
  /** Runs once after the actor was stopped, in a later turn. */
  readonly afterStop?: (state: State) => void;
}

/** Actors for a single message each, which are stopped together. */
interface Group {
  readonly inner: Inner<never>;
  spawned: number;
  living: number;
}

/** Whatever actors can be spawned under. */
export abstract class Place {
  /** Names from the root: `tasks/square-91ab`. Empty for the system itself. */
  abstract readonly path: string;
  /** @internal The group that takes the next actors for a single message, as long as it is not full. */
  group: Group | undefined;
  constructor(
    /** @internal */ readonly inner: Inner<unknown>,
    /** @internal */ readonly options: SystemOptions,
  ) {}
}

/** The root of a thread's actors. */
export class ActorSystem extends Place {
  override readonly path = '';
}

/** An actor that takes messages of type `M`, exactly: neither a wider nor a narrower type will do. */
export class ActorRef<in out M> extends Place {
  declare private readonly accepts: (message: M) => M;
  constructor(
    override readonly path: string,
    inner: Inner<M>,
    options: SystemOptions,
  ) {
    super(inner, options);
  }
}

/** Starts an actor system. Each thread has one. */
export function start(options: SystemOptions): ActorSystem {
  const { turns } = options;
  return new ActorSystem(turns ? new TurnActor(turns) : nact.start(), options);
}

/**
 * Starts an actor. It handles one message per turn of the event loop, in the order of dispatch; what
 * its handler throws goes to the system's `onFault` and leaves the actor and its state as they were.
 */
export function spawn<State, Message>(
  parent: Place,
  name: string,
  handler: Handler<State, Message>,
  options: ActorOptions<State>,
): ActorRef<Message> {
  const path = childPath(parent, name);
  const fault = (error: unknown): void => parent.options.onFault(path, error);
  const handle = (state: State, message: Message): State | Promise<State> => {
    try {
      const next = handler(state, message);
      return next instanceof Promise ? next.catch((error) => (fault(error), state)) : next;
    } catch (error) {
      fault(error);
      return state;
    }
  };
  const afterStop = (state: State): void => {
    try {
      options.afterStop?.(state);
    } catch (error) {
      fault(error);
    }
  };
  const { initialState } = options;
  const behaviour = { initialState, handle, afterStop };
  const inner = spawnInner<State, Message>(parent.inner, safeName(name), behaviour);
  return new ActorRef<Message>(path, inner, parent.options);
}

/**
 * Actors for a single message that are stopped together. To stop one costs nact more than the rest of
 * its life, and what it makes of that outlives small collections: 4.6 against 2.0 microseconds each.
 */
const GROUP_SIZE = 64;

/** Starts an actor for a single message: when that has been handled it takes no more, and ends with its group. */
export function spawnEphemeral<Message>(
  parent: Place,
  name: string,
  message: Message,
  handler: (message: Message) => void | Promise<void>,
): void {
  const path = childPath(parent, name);
  const group = (parent.group ??= newGroup(parent));
  group.spawned += 1;
  group.living += 1;
  if (group.spawned === GROUP_SIZE) parent.group = undefined;
  const ended = (): undefined => {
    group.living -= 1;
    if (group.living === 0 && group.spawned === GROUP_SIZE) stopInner(group.inner);
  };
  const fault = (error: unknown): void => parent.options.onFault(path, error);
  const handle = (_: undefined, received: Message): undefined | Promise<undefined> => {
    try {
      const running = handler(received);
      if (running instanceof Promise) return running.catch(fault).then(ended);
    } catch (error) {
      fault(error);
    }
    return ended();
  };
  const behaviour = { initialState: undefined, handle, afterStop: () => {} };
  const inner = spawnInner<undefined, Message>(group.inner, String(group.spawned), behaviour);
  dispatch(new ActorRef<Message>(path, inner, parent.options), message);
}

function newGroup(parent: Place): Group {
  groups += 1;
  const behaviour = { initialState: undefined, handle: () => undefined, afterStop: () => {} };
  const inner = spawnInner<undefined, never>(parent.inner, `group-${groups}`, behaviour);
  return { inner, spawned: 0, living: 0 };
}

let groups = 0;

interface Behaviour<State, Message> {
  readonly initialState: State;
  readonly handle: Handler<State, Message>;
  readonly afterStop: (state: State) => void;
}

function spawnInner<State, Message>(
  parent: Inner<unknown>,
  name: string,
  { initialState, handle, afterStop }: Behaviour<State, Message>,
): Inner<Message> {
  if (parent instanceof TurnActor) {
    const behaviour = { initialState, handle, afterStop } as TurnBehaviour;
    return parent.spawn(name, behaviour);
  }
  return nact.spawn(parent, handle, name, { initialState, afterStop: once(afterStop) });
}

/** Sends `message`. To a stopped actor nothing is sent, and nobody is told. */
export function dispatch<M>(to: ActorRef<M>, message: M): void {
  to.options.onMessage?.(to.path, message);
  if (to.inner instanceof TurnActor) to.inner.dispatch(message);
  else nact.dispatch(to.inner, message);
}

/** Stops an actor with its children, or a whole system; messages not yet handled are lost. */
export function stop(place: Place): void {
  stopInner(place.inner);
}

function stopInner(inner: Inner<never>): void {
  if (inner instanceof TurnActor) inner.stop();
  else nact.stop(inner);
}

function childPath(parent: Place, name: string): string {
  return parent.path === '' ? name : `${parent.path}/${name}`;
}

/** nact takes URL characters only, and users call their functions `größe`. */
function safeName(name: string): string {
  return name.replace(/[^a-z0-9\-$_.+!*'(),]/gi, '_');
}

/** nact runs `afterStop` a second time when an actor is stopped while it crashes. */
function once<T>(callback: (value: T) => void): (value: T) => void {
  let called = false;
  return (value) => {
    if (called) return;
    called = true;
    callback(value);
  };
}
