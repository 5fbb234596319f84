import { whenCollected } from '../base/garbage';
import type { CodeId, SpecId } from '../base/ids';
import type { Payload } from '../protocol/payload';
import type { FromClient } from '../protocol/messages';
import type { RemoteSpec } from '../protocol/specs';
import { displayName, type CapturedCode, type Definition } from './definition';
import type { ObjectTable, StoredObject } from './objects';
import { actorPolicyOf, callbacksOf, taskPolicyOf } from './policies';
import type { ClientCode, ClientCodec } from './tools';

const DEFAULT_RETRIES = 3;

/** A spec that definitions on this thread share. */
interface Entry {
  readonly spec: RemoteSpec;
  definitions: number;
  /** One of them was collected. */
  letGo: () => void;
}

/**
 * Declares remote functions and classes to the raylet: each once, at its first call. Definitions of
 * the same code and options, as `.options()` makes them anew at every use, share one spec. With the
 * last definition that one is let go of, like an object with its last ref.
 */
export class SpecBook {
  private readonly known = new WeakMap<Definition, RemoteSpec>();
  private readonly entries = new Map<SpecId, Entry>();
  /** By their content. */
  private readonly declared = new Map<string, Entry>();
  private readonly ids = new Map<string, SpecId>();
  /** Whose callbacks are being written: they may use the function or class itself. */
  private readonly writing = new Set<string>();

  constructor(
    private readonly nextId: () => SpecId,
    private readonly code: Pick<ClientCode, 'capture'>,
    private readonly codec: Pick<ClientCodec, 'encode'>,
    private readonly post: (message: FromClient) => void,
    private readonly objects: Pick<ObjectTable, 'create' | 'drop'>,
  ) {}

  /**
   * The spec of a definition, declared before this returns.
   *
   * @throws CaptureError when the function or class cannot travel
   */
  ensure(definition: Definition): RemoteSpec {
    const spec = this.describe(definition);
    this.declare(definition, spec);
    return spec;
  }

  /**
   * The spec of a definition, not declared: while a function that uses itself is being captured,
   * whether it can travel is still open.
   */
  describe(definition: Definition): RemoteSpec {
    const known = this.known.get(definition);
    if (known) return known;
    const { kind, options } = definition;
    const { id, parcels, blocking } = this.captured(definition);
    const content = contentOf(definition, id);
    const declared = this.declared.get(content);
    if (declared) return declared.spec;
    const task = kind === 'function' ? taskPolicyOf(options) : undefined;
    const actor = kind === 'class' ? actorPolicyOf(options) : undefined;
    const envVars = options.given.runtimeEnv?.envVars;
    const callbacks = this.callbacks(definition, content);
    return {
      id: this.idOf(content),
      kind,
      name: displayName(definition),
      code: { id, parcels },
      resources: options.resources,
      maxRetries: options.given.maxRetries ?? DEFAULT_RETRIES,
      blocking,
      ...(task && { task }),
      ...(actor && { actor }),
      ...(envVars && Object.keys(envVars).length > 0 && { envVars }),
      ...(callbacks !== undefined && { callbacks }),
    };
  }

  declare(definition: Definition, spec: RemoteSpec): void {
    if (this.known.has(definition)) return;
    if (!this.entries.has(spec.id)) {
      this.enter(definition, spec, this.objects.create(spec.id));
      this.post({ type: 'define', spec });
    }
    this.add(definition, spec);
  }

  /** Notes a definition of another thread. @param object the one that stands for it, held once more */
  adopt(definition: Definition, spec: RemoteSpec, object: StoredObject): void {
    if (this.entries.has(spec.id)) this.objects.drop(object);
    else this.enter(definition, spec, object);
    this.add(definition, spec);
  }

  /** Nothing more is declared or let go of: definitions may live on, and are to hold nothing of this. */
  close(): void {
    for (const entry of this.entries.values()) entry.letGo = () => {};
    this.entries.clear();
    this.declared.clear();
  }

  private enter(definition: Definition, spec: RemoteSpec, object: StoredObject): void {
    const content = contentOf(definition, spec.code.id);
    const letGo = (): void => {
      entry.definitions -= 1;
      if (entry.definitions > 0) return;
      this.entries.delete(spec.id);
      if (this.declared.get(content) === entry) this.declared.delete(content);
      this.objects.drop(object);
    };
    const entry: Entry = { spec, definitions: 0, letGo };
    this.entries.set(spec.id, entry);
    this.ids.delete(content);
    if (!this.declared.has(content)) this.declared.set(content, entry);
  }

  private add(definition: Definition, spec: RemoteSpec): void {
    this.known.set(definition, spec);
    const entry = this.entries.get(spec.id);
    if (entry !== undefined) watch(definition, entry);
  }

  /** Only the spec that is declared has them: whoever meets itself in them needs no more than its id. */
  private callbacks({ name, options }: Definition, content: string): Payload | undefined {
    const callbacks = this.writing.has(content) ? undefined : callbacksOf(options);
    if (callbacks === undefined) return undefined;
    this.writing.add(content);
    try {
      return this.codec.encode(callbacks, `options of ${name}`);
    } finally {
      this.writing.delete(content);
    }
  }

  private captured({ code, name }: Definition): CapturedCode {
    return typeof code === 'function' ? this.code.capture(code, name) : code;
  }

  /** The same each time, so that a function that uses itself names the spec it is going to have. */
  private idOf(content: string): SpecId {
    let id = this.ids.get(content);
    if (id === undefined) this.ids.set(content, (id = this.nextId()));
    return id;
  }
}

/** What V8 keeps for as long as the definition lives must not lead to the book: it may be closed before. */
function watch(definition: Definition, entry: Entry): void {
  entry.definitions += 1;
  whenCollected(definition, () => entry.letGo());
}

/** What definitions of one spec agree in; what concerns a single call or instance is left out. */
function contentOf(definition: Definition, code: CodeId): string {
  const { resources, given } = definition.options;
  const rest: Partial<Record<keyof typeof given, unknown>> = { ...given };
  for (const key of notOfSpec) delete rest[key];
  const replace = (_: string, value: unknown): unknown =>
    typeof value === 'function' ? functionIds.of(value) : value;
  return JSON.stringify([code, displayName(definition), resources, rest], replace);
}

const notOfSpec = [
  'name',
  'namespace',
  'getIfExists',
  'signal',
  'numReturns',
  'backpressure',
  'maxPendingCalls',
  // Within `resources`.
  'numCpus',
  'numGpus',
  'memory',
  'resources',
] as const;

/** Numbers functions by identity, for texts that compare them. */
const functionIds = {
  known: new WeakMap<object, number>(),
  count: 0,
  of(fn: object): number {
    let id = this.known.get(fn);
    if (id === undefined) this.known.set(fn, (id = this.count += 1));
    return id;
  },
};
