import { serialize } from 'node:v8';
import { CaptureError } from '../../base/errors';
import { type EncodedValue, payloadSize } from '../../protocol/payload';
import type { Node } from './nodes';
import { culpritOf, type Trail } from './trail';

/** A node with the way that led to it, for messages. */
export interface Written {
  readonly number: number;
  readonly node: Node;
  readonly trail: Trail;
}

const warnFrom = 10e6;
const refuseFrom = 100e6;

/** Warns of a capture over 10 MB and refuses one over 100 MB, naming the variable that weighs most. */
export function checkSize(
  body: EncodedValue,
  written: readonly Written[],
  warn: (text: string) => void,
): void {
  const size = payloadSize(body);
  if (size <= warnFrom) return;
  const culprit = heaviest(written);
  const megabytes = `${Math.round(size / 1e6)} MB`;
  if (size > refuseFrom) {
    throw new CaptureError(
      culprit,
      `what the function uses takes ${megabytes}, and 100 MB is the limit; ` +
        'put() the data once and pass the ref as an argument',
    );
  }
  warn(
    `${culprit}: what the function uses takes ${megabytes} and is copied to every worker; ` +
      'put() the data once and pass the ref as an argument',
  );
}

function heaviest(written: readonly Written[]): string {
  const sizes = new Map<string, number>();
  for (const { node, trail } of written) {
    const size = node.kind === 'leaf' ? payloadSize(node.payload) : serialize(node).byteLength;
    const culprit = culpritOf(trail);
    sizes.set(culprit, (sizes.get(culprit) ?? 0) + size);
  }
  const [first] = [...sizes].sort(([, a], [, b]) => b - a);
  return first?.[0] ?? 'the function';
}
