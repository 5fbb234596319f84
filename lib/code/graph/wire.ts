import { deserialize, serialize } from 'node:v8';
import { type EncodedValue, isEncoded, type Parcel, type SharedPart } from '../../protocol/payload';
import { InternalError } from '../../base/errors';
import type { Node, ParcelBody } from './nodes';

/** `EncodedValue.format` of a parcel's body. */
const format = 'code';

/** Stands in the bytes for a value with shared memory, which travels beside them. */
interface LiftedPart {
  readonly payload: Omit<EncodedValue, 'shared'>;
  readonly from: number;
  readonly count: number;
}

type WireNode =
  Exclude<Node, { kind: 'leaf' }> | { readonly kind: 'leaf'; readonly part: LiftedPart };

interface WireBody extends Omit<ParcelBody, 'nodes'> {
  readonly nodes: readonly (readonly [number, Node | WireNode])[];
}

/** Packs a parcel's body; shared memory, refs and code inside its values stand beside the bytes. */
export function packBody(body: ParcelBody): EncodedValue {
  const shared: SharedPart[] = [];
  const refs: string[] = [];
  const code = new Set<string>();
  const nodes = body.nodes.map(([id, node]): WireBody['nodes'][number] => {
    if (node.kind !== 'leaf' || !isEncoded(node.payload)) return [id, node];
    const { shared: own = [], ...payload } = node.payload;
    for (const ref of payload.refs ?? []) refs.push(ref);
    for (const parcel of payload.code ?? []) code.add(parcel);
    if (own.length === 0) return [id, node];
    const part = { payload, from: shared.length, count: own.length };
    shared.push(...own);
    return [id, { kind: 'leaf', part }];
  });
  return {
    format,
    bytes: exactly(serialize({ ...body, nodes } satisfies WireBody)),
    ...(shared.length > 0 && { shared }),
    ...(refs.length > 0 && { refs }),
    ...(code.size > 0 && { code: [...code] }),
  };
}

export function unpackBody({ id, body }: Parcel): ParcelBody {
  if (!isEncoded(body) || body.format !== format || !(body.bytes instanceof Uint8Array)) {
    throw new InternalError(`parcel ${id} holds no code`);
  }
  const wire = deserialize(body.bytes) as WireBody;
  const nodes = wire.nodes.map(([number, node]): readonly [number, Node] => {
    if (node.kind !== 'leaf' || !('part' in node)) return [number, node];
    const { payload, from, count } = node.part;
    const shared = body.shared?.slice(from, from + count) ?? [];
    return [number, { kind: 'leaf', payload: { ...payload, shared } }];
  });
  return { ...wire, nodes };
}

/** A Buffer may lie in a pool; posting it would send the pool. */
function exactly(bytes: Uint8Array): Uint8Array {
  return bytes.byteLength === bytes.buffer.byteLength ? bytes : new Uint8Array(bytes);
}
