import type { ClientId, ObjectId } from '../base/ids';
import type { CallOptions } from '../base/options/remote';
import { callContext } from '../protocol/context';
import type { CallDraft } from '../protocol/call-draft';
import type { StreamPolicy } from '../protocol/messages';
import { Arguments } from './classes';
import { isRef, openRef } from './refs';
import { SubmitSite, type Below } from './sites';
import type { ClientCodec } from './tools';

export interface CallWriterOptions {
  readonly client: ClientId;
  readonly nextId: () => ObjectId;
  readonly codec: Pick<ClientCodec, 'encode'>;
  /** Each call tells where it was made. */
  readonly recordSites: boolean;
  /** @throws ShutdownError for a ref of a runtime that has ended */
  readonly checkOwn: (host: unknown) => void;
}

/** How the calls of a generator are read. */
export function streamPolicy({ backpressure = -1 }: CallOptions): StreamPolicy {
  return backpressure === -1 ? {} : { backpressure };
}

/**
 * What every call says of itself: its arguments, the refs among them, who submits it, and where.
 *
 * @throws SerializationError for an argument that cannot travel
 */
export function writeCall(
  args: readonly unknown[],
  below: Below,
  options: CallWriterOptions,
): CallDraft {
  const { client, nextId, codec, checkOwn, recordSites } = options;
  const context = callContext.getStore();
  const refArgs: (readonly [number, ObjectId])[] = [];
  const plain = !args.some(isRef)
    ? args
    : args.map((arg, index) => {
        if (!isRef(arg)) return arg;
        const { object, host } = openRef(arg);
        checkOwn(host);
        object.onAwaited?.(false);
        refArgs.push([index, object.id]);
        return undefined;
      });
  const call: CallDraft = {
    id: nextId(),
    args: codec.encode(Arguments.of(plain), 'args'),
    depth: context ? context.depth + 1 : 0,
    caller: context?.caller ?? client,
  };
  if (context && context.abortedBy === undefined) call.parent = context.call;
  if (refArgs.length > 0) call.refArgs = refArgs;
  if (recordSites) noteSite(call, below);
  return call;
}

function noteSite(call: CallDraft, below: Below): void {
  const { frame } = new SubmitSite(below);
  if (frame !== undefined) call.site = frame;
}
