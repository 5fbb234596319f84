import { validateOptions } from './validate';

/** Options of a remote function. */
export interface TaskOptions {
  /** CPUs each call takes, down to 0.0001; 0 for calls that only wait. @defaultValue 1 */
  readonly numCpus?: number;
  /** Custom resources each call takes. */
  readonly resources?: Readonly<Record<string, number>>;
  /** The name shown in errors and logs. @defaultValue the function's own */
  readonly name?: string;
  /** How often a call is run again when its worker died; -1 without limit. @defaultValue 3 */
  readonly maxRetries?: number;
}

/** Options of a remote class. */
export interface ActorOptions {
  /** CPUs each instance takes as long as it lives. @defaultValue 1 to be placed, then none */
  readonly numCpus?: number;
  /** Custom resources each instance takes. */
  readonly resources?: Readonly<Record<string, number>>;
  /** The name shown in errors and logs. @defaultValue the class's own */
  readonly name?: string;
}

/** Options of a method of an actor. */
export interface MethodOptions {
  /** The name shown in errors and logs. @defaultValue `Class.method` */
  readonly name?: string;
}

/** What a remote function or class asks for, after defaults. */
export interface ResolvedRemoteOptions {
  /** Undefined: the class's or function's own. */
  readonly name?: string;
  readonly resources: Readonly<Record<string, number>>;
  readonly maxRetries: number;
}

const DEFAULT_RETRIES = 3;

/**
 * Merges options over those of before.
 *
 * @throws InvalidOptionError for unknown or ill-typed options
 */
export function resolveRemoteOptions(
  kind: 'function' | 'class',
  options: TaskOptions | undefined,
  where: string,
  before?: ResolvedRemoteOptions,
): ResolvedRemoteOptions {
  validateOptions(kind, options, where);
  const name = options?.name ?? before?.name;
  const earlier = before?.resources ?? {};
  const cpu = options?.numCpus ?? earlier['CPU'] ?? (kind === 'function' ? 1 : undefined);
  return {
    ...(name !== undefined && { name }),
    resources: {
      ...(options?.resources ?? earlier),
      ...(cpu !== undefined && { CPU: cpu }),
    },
    maxRetries: options?.maxRetries ?? before?.maxRetries ?? DEFAULT_RETRIES,
  };
}
