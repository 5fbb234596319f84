import type { Payload, Primitive } from '../../protocol/payload';
import type { ModuleReference, ModuleTexts } from '../modules/types';

/*
 * The code graph as data. Every function, class, object and symbol that was captured is a node with
 * an id for life; a parcel brings new nodes, and additions to older ones.
 */

/** A number within the parcel's own thread of origin, a whole id for nodes of other threads. */
export type Reference = number | string;

/** A value in a node: itself, or the node it is. */
export type Slot = Primitive | readonly [Reference];

/** A property that is more than a plain value: an accessor, or one that is hidden or fixed. */
export interface Property {
  readonly key: Slot;
  readonly value?: Slot;
  readonly get?: Slot;
  readonly set?: Slot;
  readonly writable?: boolean;
  readonly enumerable: boolean;
  readonly configurable: boolean;
}

/** Own properties: the ordinary ones as two lists, in order, then the others. */
export interface Properties {
  readonly keys: readonly string[];
  readonly values: readonly Slot[];
  readonly others?: readonly Property[];
  readonly integrity?: 'frozen' | 'sealed' | 'closed';
}

/** A variable around a function, given to it when it is rebuilt. */
export interface Variable {
  readonly name: string;
  readonly value: Slot;
  /** The function assigns to it. */
  readonly changes?: true;
}

/** Where a text comes from, for stack traces and relative imports. */
export interface Place {
  /** A path or URL, as stack traces show it. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** What functions and classes have in common. */
interface Code extends Place {
  readonly source: string;
  readonly name: string;
  readonly strict: boolean;
  readonly variables: readonly Variable[];
  /** Names free for the wrapper: they occur nowhere in the source. */
  readonly helper: string;
  /** Own properties that the source does not make. */
  readonly own?: Properties;
  /** The same of its `prototype`. */
  readonly proto?: Properties;
  /** What it and its `prototype` inherit from, where the source alone does not say so. */
  readonly parent?: Slot;
  readonly protoParent?: Slot;
}

export interface FunctionNode extends Code {
  readonly kind: 'function';
  /** The source is a method: the property of an object literal. */
  readonly member?: { readonly key: string; readonly accessor?: 'get' | 'set' };
}

export interface ClassNode extends Code {
  readonly kind: 'class';
  /** What it extends, and the name that the source has for it. */
  readonly heritage?: { readonly name: string; readonly value: Slot };
  /** Static `#private` fields, by name. */
  readonly privates?: readonly (readonly [name: string, value: Slot])[];
}

export type Node =
  | FunctionNode
  | ClassNode
  | { readonly kind: 'object'; readonly parent?: Slot; readonly own: Properties }
  /** Holes of `items` are holes of the array. */
  | { readonly kind: 'array'; readonly items: readonly Slot[]; readonly own?: Properties }
  | { readonly kind: 'arguments'; readonly items: readonly Slot[] }
  | { readonly kind: 'map'; readonly entries: readonly (readonly [Slot, Slot])[] }
  | { readonly kind: 'set'; readonly items: readonly Slot[] }
  | { readonly kind: 'weakMap' | 'weakSet' }
  | { readonly kind: 'symbol'; readonly description: string | undefined }
  /** One made by `Symbol.for`. */
  | { readonly kind: 'namedSymbol'; readonly key: string }
  /** `prototype` of a function or class. */
  | { readonly kind: 'prototype'; readonly of: Slot }
  /** A method that means nothing without its class: it uses `super` or `#private` names. */
  | {
      readonly kind: 'method';
      readonly of: Slot;
      readonly key: Slot;
      readonly static: boolean;
      readonly part: 'value' | 'get' | 'set';
      /** As the source made it, whatever has taken its place since. */
      readonly replaced?: true;
    }
  | {
      readonly kind: 'bound';
      readonly target: Slot;
      readonly self: Slot;
      readonly args: readonly Slot[];
    }
  /** Of a module, or something every thread has: `Math.floor`, `process.env`. */
  | { readonly kind: 'import'; readonly reference: ModuleReference; readonly texts: ModuleTexts }
  /** `require`, `import()` and `import.meta` of a file. */
  | { readonly kind: 'require' | 'importer' | 'meta'; readonly file: string }
  /** A value of `data/`: an error, a date, a ref, binary. */
  | { readonly kind: 'leaf'; readonly payload: Payload };

/** An addition to a node of before. */
export type Growth =
  | { readonly kind: 'properties'; readonly of: Slot; readonly own: Properties }
  | { readonly kind: 'weakEntry'; readonly of: Slot; readonly key: Slot; readonly value: Slot };

/** What a parcel's bytes hold. */
export interface ParcelBody {
  /** The thread that numbered the nodes. */
  readonly origin: string;
  readonly nodes: readonly (readonly [id: number, node: Node])[];
  readonly growths: readonly Growth[];
}
