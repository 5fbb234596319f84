import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads';
import { type Codec, createCodec } from '../../lib/data/codec';
import type { Payload } from '../../lib/protocol/payload';

/** What arrives when the payload is posted, as between two threads. */
export function post(payload: Payload): Payload {
  const { port1, port2 } = new MessageChannel();
  try {
    port1.postMessage(payload);
    return receiveMessageOnPort(port2)?.message as Payload;
  } finally {
    port1.close();
  }
}

/** Encodes, posts and decodes: the value as another thread gets it. */
export function hop<T>(value: T, from: Codec = createCodec(), to: Codec = from): T {
  return to.decode(post(from.encode(value, 'args'))) as T;
}

/** The same for a thrown value. */
export function hopThrown<T>(thrown: T, from: Codec = createCodec(), to: Codec = from): T {
  return to.decodeThrown(post(from.encodeThrown(thrown))) as T;
}

/** The format that a value travels in; `itself` when it needs none. */
export function formatOf(value: unknown, codec: Codec = createCodec()): string {
  const payload = codec.encode(value, 'args');
  return typeof payload === 'object' && payload !== null ? payload.format : 'itself';
}
