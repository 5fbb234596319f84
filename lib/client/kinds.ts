import { SerializationError } from '../base/errors';
import type { ActorId } from '../base/ids';
import type { ResolvedRemoteOptions } from '../base/options/remote';
import type { EncodeSink, Kind } from '../data/kinds';
import type { RemoteSpec } from '../protocol/specs';
import { argumentsKind, registeredKind } from './classes';
import type { MethodShape } from './definition';
import {
  createHandle,
  isHandle,
  isMethod,
  methodOf,
  openHandle,
  openMethod,
  type ActorState,
  type HandleHost,
  type HandleMethod,
} from './handles';
import type { StoredObject } from './objects';
import { isRef, ObjectRef, openRef, type RefHost } from './refs';
import { createRemote, definitionOf, isRemote, type Remote } from './remotes';
import type { ActorShape } from './shapes';
import type { ClientCodec } from './tools';
import type { SpecBook } from './specs';
import { isStream, type StreamRef } from './streams';

/** What the kinds need of the client they read and write for. */
export interface KindHost extends RefHost, HandleHost {
  readonly specs: SpecBook;
  /** One more name for an object that a value just read names. */
  arrived(id: string): StoredObject;
  /** @throws ShutdownError for a ref or handle of a runtime that has ended */
  checkOwn(host: unknown): void;
}

/** Written as the place among the refs of the payload: it names the object anyway. */
function refKind(client: KindHost): Kind<ObjectRef<unknown>, number> {
  return {
    id: 'ref',
    test: isRef,
    encode(ref, sink) {
      const { object, host } = openRef(ref);
      client.checkOwn(host);
      object.onAwaited?.(false);
      return sink.ref(object.id);
    },
    decode: (place, source) => new ObjectRef<unknown>(client.arrived(source.ref(place)), client),
  };
}

/** A stream is read where its generator was called, by one reader. */
const streamKind: Kind<StreamRef<unknown>, never> = {
  id: 'stream',
  test: isStream,
  encode(_, { path }) {
    throw new SerializationError(path, 'a stream cannot be sent; send its refs, or the values');
  },
  decode: (data) => data,
};

interface HandleData {
  readonly actor: ActorId;
  readonly shape: ActorShape;
}

/** A handle names the object of its actor's creation, which is held by it like by a ref. */
function handleKind(client: KindHost): Kind<object, HandleData> {
  return {
    id: 'handle',
    test: isHandle,
    encode(handle, sink) {
      const { actor, shape, creation, host } = openHandle(handle);
      client.checkOwn(host);
      sink.ref(creation.id);
      return { actor, shape };
    },
    decode({ actor, shape }) {
      const state: ActorState = { actor, shape, creation: client.arrived(actor), host: client };
      return createHandle(state);
    },
  };
}

/** A method travels with its handle; like a remote function it leaves its signal behind. */
const methodKind: Kind<object, HandleMethod> = {
  id: 'method',
  test: isMethod,
  encode(method) {
    const { handle, name, options } = openMethod(method);
    return { handle, name, options: withoutSignal(options) };
  },
  decode: methodOf,
};

interface RemoteData {
  readonly spec: RemoteSpec;
  readonly name: string;
  readonly arity: number;
  readonly generator?: true;
  readonly methods: readonly MethodShape[];
  readonly options: ResolvedRemoteOptions;
}

/**
 * A remote function or class travels by its spec, declared once the value around it has been written.
 * It is held like a ref to the object that stands for it.
 */
function remoteKind(client: KindHost): Kind<Remote, RemoteData> {
  return {
    id: 'remote',
    test: isRemote,
    encode(remote, sink: EncodeSink) {
      const definition = definitionOf(remote);
      const spec = client.specs.describe(definition);
      sink.ref(spec.id);
      sink.after(() => client.specs.declare(definition, spec));
      const { name, arity, generator, methods } = definition;
      const { given, resources } = definition.options;
      const options = { given: withoutSignal(given), resources };
      return { spec, name, arity, ...(generator && { generator }), methods, options };
    },
    decode({ spec, ...rest }) {
      const { kind, blocking } = spec;
      const code = { ...spec.code, blocking };
      const definition = { kind, code, ...rest };
      client.specs.adopt(definition, spec, client.arrived(spec.id));
      return createRemote(definition);
    },
  };
}

/** Signals are of one thread and stay there: they cancel the calls made on that thread. */
function withoutSignal<O extends { signal?: AbortSignal | undefined }>(options: Readonly<O>): O {
  const rest: O = { ...options };
  delete rest.signal;
  return rest;
}

/** Adds all that a client knows of values to its codec. */
export function registerKinds(codec: Pick<ClientCodec, 'register'>, client: KindHost): void {
  codec.register(registeredKind);
  codec.register(argumentsKind);
  codec.register(refKind(client));
  codec.register(streamKind);
  codec.register(handleKind(client));
  codec.register(methodKind);
  codec.register(remoteKind(client));
}
