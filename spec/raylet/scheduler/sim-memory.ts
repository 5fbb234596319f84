import type { BufferId, ClientId, ObjectId } from '../../../lib/base/ids';
import { payloadsIn } from '../../../lib/protocol/payloads-in';
import {
  isEncoded,
  isPresent,
  sharedIn,
  type Payload,
  type SharedPart,
} from '../../../lib/protocol/payload';
import type { ToWorker } from '../../../lib/protocol/messages';
import type { Answer } from '../../../lib/protocol/answers';
import type { SchedulerMessage } from '../../../lib/raylet/scheduler/events';
import type { Random } from './random';

const BYTES = 8;

/** The shared memory of a simulated client: what shows there, and what lies idle. */
export class SimMemory {
  /** How often each came that shows. */
  readonly shown = new Map<BufferId, number>();
  readonly idle = new Map<BufferId, SharedArrayBuffer>();
  private readonly memories = new Map<BufferId, SharedArrayBuffer>();
  private readonly rooms = new Map<number, number>();
  private readonly fetching = new Set<ObjectId>();
  private made = 0;

  constructor(
    private readonly home: ClientId,
    private readonly post: (message: SchedulerMessage) => void,
  ) {}

  /** Puts memory beside some of the values that are sent; with code it would stay for ever. */
  send(message: SchedulerMessage, random: Random): void {
    if (message.type === 'parcel' || message.type === 'define') return;
    payloadsIn(message, (payload) => {
      if (!isEncoded(payload) || payload.shared !== undefined || !random.chance(0.2)) return;
      (payload as { shared?: readonly SharedPart[] }).shared = [this.part(random)];
    });
  }

  read(message: ToWorker): void {
    if (NEEDS_ALL.has(message.type)) checkWhole(message);
    payloadsIn(message, (payload) => this.arrived(payload));
    switch (message.type) {
      case 'recycle':
        this.idle.set(message.id, message.memory);
        return;
      case 'evict': {
        const ids = message.ids.filter((id) => this.idle.delete(id));
        if (ids.length > 0) this.post({ type: 'evicted', ids });
        return;
      }
      case 'unload':
        return this.unload(message.ids);
      case 'settled':
        if (!message.outcome.ok || isPresent(message.outcome.value)) {
          this.fetching.delete(message.id);
        }
        return;
      case 'noRoom':
        for (const id of message.ids) this.fetching.delete(id);
        return;
      case 'forgotten':
        this.fetching.delete(message.id);
        return;
      case 'answer':
        return this.answered(message.token, message.answer);
      default:
    }
  }

  /** How much it waits for. */
  get unanswered(): number {
    return this.rooms.size + this.fetching.size;
  }

  /** Wants to make buffers of so many bytes. */
  wantRoom(token: number, bytes: number): void {
    this.rooms.set(token, bytes);
    this.post({ type: 'ask', token, question: { type: 'room', bytes, unused: 0 } });
  }

  private answered(token: number, answer: Answer): void {
    const bytes = this.rooms.get(token);
    this.rooms.delete(token);
    if (bytes === undefined || !('credit' in answer)) return;
    for (let left = bytes; left > 0; left -= BYTES) this.allocate();
  }

  /** Wants the memory beside the values of objects. */
  fetch(ids: readonly ObjectId[]): void {
    if (ids.length === 0) return;
    for (const id of ids) this.fetching.add(id);
    this.post({ type: 'fetch', ids });
  }

  /** Some of them are shown to user code, others were only kept. */
  private unload(ids: readonly BufferId[]): void {
    this.forget(ids.filter((id, at) => this.shown.has(id) && (this.made + at) % 3 > 0));
    this.post({ type: 'unloaded', ids });
  }

  /** User code asks for memory. */
  allocate(): void {
    const { id, memory } = this.take();
    this.show(id, memory);
    this.post({ type: 'allocated', id, memory });
  }

  /** Nothing shows these any more. */
  forget(ids: readonly BufferId[]): void {
    const buffers = ids.map((id) => [id, this.shown.get(id) ?? 0] as const);
    for (const id of ids) this.shown.delete(id);
    if (buffers.length > 0) this.post({ type: 'gone', buffers });
  }

  private arrived(payload: Payload): void {
    for (const { id, memory } of sharedIn(payload)) {
      if (id !== undefined && memory !== undefined) this.show(id, memory);
    }
  }

  private show(id: BufferId, memory: SharedArrayBuffer): void {
    this.shown.set(id, (this.shown.get(id) ?? 0) + 1);
    this.memories.set(id, memory);
  }

  /** What shows here, or a copy of its own. */
  private part(random: Random): SharedPart {
    const id = random.chance(0.5) ? random.pick([...this.shown.keys()]) : undefined;
    const memory = id === undefined ? undefined : this.memories.get(id);
    return id === undefined || memory === undefined ? this.take() : { id, memory };
  }

  private take(): { readonly id: BufferId; readonly memory: SharedArrayBuffer } {
    for (const [id, memory] of this.idle) {
      this.idle.delete(id);
      return { id, memory };
    }
    this.made += 1;
    return { id: `${this.home}/${this.made}`, memory: new SharedArrayBuffer(BYTES) };
  }
}

interface Holder {
  readonly id: ClientId;
  readonly memory: SimMemory;
  readonly inbox: readonly ToWorker[];
  readonly outbox: readonly SchedulerMessage[];
}

/** What is to be used again must show nowhere, and be on its way to nobody. */
export function checkGone(id: BufferId, holders: Iterable<Holder>): void {
  for (const { id: name, memory, inbox, outbox } of holders) {
    const held = [...inbox, ...outbox].some((message) => brings(message, id));
    if (memory.shown.has(id) || held) throw new Error(`${id} is used again, and ${name} sees it`);
  }
}

/** Whether a message brings this buffer. */
function brings(message: SchedulerMessage | ToWorker, id: BufferId): boolean {
  let found = false;
  payloadsIn(message, (payload) => {
    found ||= sharedIn(payload).some((part) => part.id === id);
  });
  return found;
}

/** Messages whose values are read as they come. */
const NEEDS_ALL: ReadonlySet<string> = new Set(['run', 'invoke', 'createInstance']);

function checkWhole(message: ToWorker): void {
  payloadsIn(message, (payload) => {
    if (!isPresent(payload)) throw new Error(`a ${message.type} came without its memory`);
  });
}

/** The message as whoever it is posted to has it: memory that goes later stays in it. */
export function posted<M extends SchedulerMessage | ToWorker>(message: M): M {
  let shares = false;
  payloadsIn(message, (payload) => (shares ||= sharedIn(payload).length > 0));
  return shares ? structuredClone(message) : message;
}
