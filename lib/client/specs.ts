import type { CodeId, SpecId } from '../base/ids';
import type { FromClient, RemoteSpec } from '../protocol/messages';
import { displayName, type CapturedCode, type Definition } from './definition';
import type { ClientCode } from './tools';

/**
 * Declares remote functions and classes to the raylet: each once, at its first call. Definitions of
 * the same code and options, as `.options()` makes them anew at every use, share one spec.
 */
export class SpecBook {
  private readonly known = new WeakMap<Definition, RemoteSpec>();
  private readonly declared = new Map<string, RemoteSpec>();
  private readonly ids = new Map<string, SpecId>();

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
    const known = this.known.get(definition);
    if (known) return known;
    const { kind, options } = definition;
    const { id, parcels, blocking } = this.captured(definition);
    const content = contentOf(definition, id);
    const declared = this.declared.get(content);
    if (declared) return declared;
    return {
      id: this.idOf(content),
      kind,
      name: displayName(definition),
      code: { id, parcels },
      resources: options.resources,
      maxRetries: options.maxRetries,
      blocking,
    };
  }

  declare(definition: Definition, spec: RemoteSpec): void {
    if (this.adopt(definition, spec)) this.post({ type: 'define', spec });
  }

  /** Notes a definition that another thread may have declared; answers whether its content is new. */
  adopt(definition: Definition, spec: RemoteSpec): boolean {
    if (this.known.has(definition)) return false;
    this.known.set(definition, spec);
    const content = contentOf(definition, spec.code.id);
    if (this.declared.has(content)) return false;
    this.declared.set(content, spec);
    this.ids.delete(content);
    return true;
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

const contentOf = (definition: Definition, code: CodeId): string =>
  JSON.stringify([code, displayName(definition), definition.options]);
