import type { SpecId } from '../base/ids';
import type { FromClient, RemoteSpec } from '../protocol/messages';
import { displayName, type Definition } from './definition';
import type { ClientCode } from './tools';

/** Declares remote functions and classes to the raylet: each once, at its first call. */
export class SpecBook {
  private readonly ids = new WeakMap<Definition, SpecId>();
  private readonly declared = new WeakMap<Definition, RemoteSpec>();

  constructor(
    private readonly nextId: () => SpecId,
    private readonly code: Pick<ClientCode, 'capture'>,
    private readonly post: (message: FromClient) => void,
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
    const declared = this.declared.get(definition);
    if (declared) return declared;
    const { kind, options } = definition;
    const name = displayName(definition);
    const { code } = definition;
    const { id, parcels, blocking } =
      typeof code === 'function' ? this.code.capture(code, definition.name) : code;
    return {
      id: this.idOf(definition),
      kind,
      name,
      code: { id, parcels },
      resources: options.resources,
      maxRetries: options.maxRetries,
      blocking,
    };
  }

  declare(definition: Definition, spec: RemoteSpec): void {
    if (this.declared.has(definition)) return;
    this.declared.set(definition, spec);
    this.post({ type: 'define', spec });
  }

  /** Notes a definition that arrived from another thread, which has declared it. */
  adopt(definition: Definition, spec: RemoteSpec): void {
    this.declared.set(definition, spec);
  }

  private idOf(definition: Definition): SpecId {
    let id = this.ids.get(definition);
    if (id === undefined) {
      id = this.nextId();
      this.ids.set(definition, id);
    }
    return id;
  }
}
