import type { BufferId, ClientId } from '../../../lib/base/ids';
import { payloadsIn } from '../../../lib/protocol/payloads-in';
import { isEncoded, sharedIn, type Payload, type SharedPart } from '../../../lib/protocol/payload';
import type { ToWorker } from '../../../lib/protocol/messages';
import type { SchedulerMessage } from '../../../lib/raylet/scheduler/events';
import type { Random } from './random';

const BYTES = 8;

/** The shared memory of a simulated client: what shows there, and what lies idle. */
export class SimMemory {
  /** How often each came that shows. */
  readonly shown = new Map<BufferId, number>();
  readonly idle = new Map<BufferId, SharedArrayBuffer>();
  private readonly memories = new Map<BufferId, SharedArrayBuffer>();
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
    payloadsIn(message, (payload) => this.arrived(payload));
    if (message.type === 'recycle') this.idle.set(message.id, message.memory);
    if (message.type !== 'evict') return;
    const ids = message.ids.filter((id) => this.idle.delete(id));
    if (ids.length > 0) this.post({ type: 'evicted', ids });
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
    for (const { id, memory } of sharedIn(payload)) if (id !== undefined) this.show(id, memory);
  }

  private show(id: BufferId, memory: SharedArrayBuffer): void {
    this.shown.set(id, (this.shown.get(id) ?? 0) + 1);
    this.memories.set(id, memory);
  }

  /** What shows here, or a copy of its own. */
  private part(random: Random): Required<SharedPart> {
    const id = random.chance(0.5) ? random.pick([...this.shown.keys()]) : undefined;
    const memory = id === undefined ? undefined : this.memories.get(id);
    return id === undefined || memory === undefined ? this.take() : { id, memory };
  }

  private take(): Required<SharedPart> {
    for (const [id, memory] of this.idle) {
      this.idle.delete(id);
      return { id, memory };
    }
    this.made += 1;
    return { id: `${this.home}/${this.made}`, memory: new SharedArrayBuffer(BYTES) };
  }
}

/** Whether a message brings this buffer. */
export function brings(message: SchedulerMessage | ToWorker, id: BufferId): boolean {
  let found = false;
  payloadsIn(message, (payload) => {
    found ||= sharedIn(payload).some((part) => part.id === id);
  });
  return found;
}
