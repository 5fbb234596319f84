import type { Clock } from '../../lib/base/clock';
import { createClient } from '../../lib/client/client';
import type { ClientOptions } from '../../lib/client/options';
import type { Client } from '../../lib/client/contract';
import type { Definition } from '../../lib/client/definition';
import type { ObjectRef } from '../../lib/client/refs';
import { Memory } from '../../lib/data/memory';
import { createCodec, type Codec } from '../../lib/data/codec';
import type { CallContext } from '../../lib/protocol/context';
import { createMemoryChannel } from '../../lib/protocol/memory-channel';
import type { FromClient, TaskCall, ToClient } from '../../lib/protocol/messages';
import type { Outcome, Payload } from '../../lib/protocol/payload';

/** A client whose other end is the spec: it sees every batch and answers as it likes. */
export interface FakeRaylet {
  readonly client: Client;
  readonly codec: Codec;
  /** Every message the client has sent, batch by batch. */
  readonly batches: readonly (readonly FromClient[])[];
  /** The client's messages of one type, in order. */
  sent<K extends FromClient['type']>(type: K): Extract<FromClient, { type: K }>[];
  /** The first of them, which must be there. */
  first<K extends FromClient['type']>(type: K): Extract<FromClient, { type: K }>;
  /** Posts messages to the client; they arrive in a later turn, or when the client looks. */
  answer(...messages: readonly ToClient[]): void;
  settle(id: string, value: unknown): ToClient;
  fail(id: string, outcome: Extract<Outcome, { ok: false }>['failure']): ToClient;
  thrown(id: string, error: unknown, task?: string): ToClient;
  /** Moves the client's clock, in milliseconds. */
  advance(milliseconds: number): void;
  /** How often the channel holds the process: 1 or 0. */
  readonly held: number;
}

export function fakeRaylet(options: Partial<ClientOptions> = {}): FakeRaylet {
  const [near, far] = createMemoryChannel<FromClient, ToClient>();
  const batches: (readonly FromClient[])[] = [];
  const mapStack = (stack: string): string => stack.replaceAll('?rayx', '');
  const codec = createCodec({ mapStack });
  let time = 0;
  let held = 0;
  const clock: Clock = { now: () => time, after: () => () => {} };
  const flush = near.flush.bind(near);
  const post = near.post.bind(near);
  let batch: FromClient[] = [];
  near.post = (message) => {
    batch.push(message);
    post(message);
  };
  near.flush = () => {
    if (batch.length > 0) batches.push(batch);
    batch = [];
    flush();
  };
  near.ref = () => (held += 1);
  near.unref = () => (held -= 1);
  const client = createClient({
    id: 'node-0',
    node: 'node',
    role: 'driver',
    channel: near,
    codec,
    memory: new Memory('node-0'),
    code: {
      capture: (_target, name) => ({ id: `code-${name}`, parcels: ['parcel'], blocking: false }),
      take: () => {},
      forget: () => {},
      has: () => true,
      connect: () => {},
      prepare: () => {},
      mapStack,
    },
    clock,
    numCpus: 2,
    ...options,
  });
  near.listen((messages) => client.receive(messages));
  const sent: FakeRaylet['sent'] = (type) =>
    batches.flat().filter((message): message is never => message.type === type);
  const encode = (value: unknown): Payload => codec.encode(value, 'value');
  return {
    client,
    codec,
    batches,
    sent,
    first(type) {
      const [message] = sent(type);
      if (!message) throw new Error(`the client has sent no ${type}`);
      return message;
    },
    answer(...messages) {
      for (const message of messages) far.post(message);
      far.flush();
    },
    settle: (id, value) => ({ type: 'settled', id, outcome: { ok: true, value: encode(value) } }),
    fail: (id, failure) => ({ type: 'settled', id, outcome: { ok: false, failure } }),
    thrown: (id, error, task = 'square') => ({
      type: 'settled',
      id,
      outcome: { ok: false, failure: { kind: 'thrown', task, error: codec.encodeThrown(error) } },
    }),
    advance: (milliseconds) => (time += milliseconds),
    get held() {
      return held;
    },
  };
}

/** A definition of a function, ready to submit. */
export function definition(name = 'square', arity = 1): Definition {
  return {
    kind: 'function',
    name,
    arity,
    methods: [],
    options: { given: {}, resources: { CPU: 1 } },
    code: () => {},
  };
}

/** Kept, or the raylet would hear that it is gone. */
const usual = definition();

/** Submits a call and answers with its ref and what was sent. */
export function submit(
  { client }: Pick<FakeRaylet, 'client'>,
  args: readonly unknown[] = [],
  of: Definition = usual,
): ObjectRef<unknown> {
  return client.submit(of, args, submit) as ObjectRef<unknown>;
}

export const lastCall = (raylet: FakeRaylet): TaskCall | undefined =>
  raylet.sent('submit').at(-1)?.call;

/** What a running task has as its context. */
export function taskContext(call = 'call-1'): CallContext {
  return {
    call,
    name: 'parent',
    attempt: 1,
    depth: 2,
    caller: `${call}:1`,
    ended: false,
    blocked: false,
  };
}

/** One turn of the event loop: everything that was on its way has arrived. */
export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
