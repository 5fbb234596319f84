import type { Turns } from '../protocol/turns';

/** What an actor on turns is made of; the door above it knows the types. */
export interface TurnBehaviour {
  readonly initialState: unknown;
  /** Answers the next state. It does not throw. */
  handle(state: unknown, message: unknown): unknown;
  afterStop(state: unknown): void;
}

const ROOT: TurnBehaviour = {
  initialState: undefined,
  handle: () => undefined,
  afterStop: () => {},
};

/**
 * An actor by the rules of nact's, on turns that can be had at once by whoever blocks the thread:
 * nact's own come with the event loop only.
 */
export class TurnActor {
  private readonly mailbox: unknown[] = [];
  private readonly children = new Map<string, TurnActor>();
  private state: unknown;
  private busy = false;
  private stopped: boolean;

  constructor(
    private readonly turns: Pick<Turns, 'soon'>,
    private readonly behaviour = ROOT,
    private readonly name = '',
    private readonly parent?: TurnActor,
  ) {
    this.state = behaviour.initialState;
    // Below an actor that has stopped nothing begins.
    this.stopped = parent?.stopped ?? false;
    parent?.children.set(name, this);
  }

  spawn(name: string, behaviour: TurnBehaviour): TurnActor {
    if (this.children.has(name)) throw new Error(`child actor of name ${name} already exists`);
    return new TurnActor(this.turns, behaviour, name, this);
  }

  dispatch(message: unknown): void {
    if (this.stopped) return;
    this.mailbox.push(message);
    this.next();
  }

  stop(): void {
    if (this.stopped) return;
    this.stopped = true;
    this.mailbox.length = 0;
    this.parent?.children.delete(this.name);
    for (const child of [...this.children.values()]) child.stop();
    this.turns.soon(() => this.behaviour.afterStop(this.state));
  }

  private next(): void {
    if (this.busy || this.mailbox.length === 0) return;
    this.busy = true;
    this.turns.soon(() => this.handle());
  }

  private handle(): void {
    if (this.stopped) return;
    const next = this.behaviour.handle(this.state, this.mailbox.shift());
    if (next instanceof Promise) void next.then((state) => this.handled(state));
    else this.handled(next);
  }

  private handled(state: unknown): void {
    this.state = state;
    this.busy = false;
    if (!this.stopped) this.next();
  }
}
