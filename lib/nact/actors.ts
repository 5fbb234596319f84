import * as nact from 'nact';
import type { Turns } from '../protocol/turns';
import { TurnActor } from './turn-actor';

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
type Inner<M> = nact.Ref<M> | TurnActor;

/** Answers the actor's next state. While its promise is pending the actor takes no other message. */
export type Handler<State, Message> = (state: State, message: Message) => State | Promise<State>;

export interface ActorOptions<State> {
  readonly initialState: State;
  /** Runs once after the actor was stopped, in a later turn. */
  readonly afterStop?: (state: State) => void;
}

/** Whatever actors can be spawned under. */
export abstract class Place {
  /** Names from the root: `tasks/square-91ab`. Empty for the system itself. */
  abstract readonly path: string;
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
  const inner: Inner<Message> =
    parent.inner instanceof TurnActor
      ? parent.inner.spawn(name, { initialState, handle, afterStop })
      : nact.spawn(parent.inner, handle, safeName(name), {
          initialState,
          afterStop: once(afterStop),
        });
  return new ActorRef<Message>(path, inner, parent.options);
}

/** Starts an actor for a single message: it stops when that has been handled. */
export function spawnEphemeral<Message>(
  parent: Place,
  name: string,
  message: Message,
  handler: (message: Message) => void | Promise<void>,
): ActorRef<Message> {
  const actor = spawn<undefined, Message>(parent, name, handleAndStop, { initialState: undefined });
  dispatch(actor, message);
  return actor;

  function handleAndStop(_: undefined, received: Message): undefined | Promise<undefined> {
    let running: void | Promise<void> = undefined;
    try {
      running = handler(received);
    } finally {
      if (!(running instanceof Promise)) stop(actor);
    }
    return running?.finally(() => stop(actor)).then(() => undefined);
  }
}

/** Sends `message`. To a stopped actor nothing is sent, and nobody is told. */
export function dispatch<M>(to: ActorRef<M>, message: M): void {
  to.options.onMessage?.(to.path, message);
  if (to.inner instanceof TurnActor) to.inner.dispatch(message);
  else nact.dispatch(to.inner, message);
}

/** Stops an actor with its children, or a whole system; messages not yet handled are lost. */
export function stop(place: Place): void {
  if (place.inner instanceof TurnActor) place.inner.stop();
  else nact.stop(place.inner);
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
