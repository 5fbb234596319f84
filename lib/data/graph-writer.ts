import { types } from 'node:util';
import { RayError } from '../base/errors';
import type { SharedPart } from '../protocol/payload';
import { BinaryWriter, isBinary } from './binary';
import {
  type Box,
  type Container,
  type Graph,
  type Key,
  type Step,
  StepType,
  setKey,
} from './graph';
import {
  type Frame,
  readPart,
  refuse,
  stepToEntry,
  stepToItem,
  stepToPart,
  trailTo,
} from './graph-frame';
import { type Kind, Lenient } from './kinds';
import type { Memory } from './memory';
import { MAX_NESTING } from './quick';
import { refusalOf } from './refusal';
import { BinaryMark, KindMark, type Special, symbolName, writeSpecials } from './rich';
import {
  arrayKeys,
  isAtom,
  isBare,
  isOrdinary,
  isOrdinaryArray,
  isOrdinaryMap,
  isOrdinarySet,
  isPrimitive,
} from './shape';
import type { Sink } from './sink';
import { printTrail, type Trail } from './trail';
import type { Trial } from './trial';

/** What a value became: a copy, or a special value, which cannot be linked while it is `open`. */
type Written =
  | { readonly copy: Container | Map<unknown, unknown> | Set<unknown> }
  | { readonly special: number; open: boolean };

/**
 * Copies a value with holes where V8 cannot follow, and writes down the steps that fill them. It
 * goes depth first with a stack of its own, so that nothing is too deep, and so that, in the order
 * of the steps, the parts of a special value are complete before the value itself is made.
 */
export class GraphWriter {
  private readonly written = new Map<unknown, Written>();
  /** The keys of `written` by age. */
  private readonly order: unknown[] = [];
  private readonly steps: unknown[] = [];
  private readonly specials: Special[] = [];
  private readonly binary = new BinaryWriter();
  private readonly stack: Frame[] = [];

  constructor(
    private readonly kindOf: (value: unknown) => Kind<unknown> | undefined,
    private readonly sink: Sink,
    private readonly asTheyAre: ReadonlySet<object>,
    private readonly memory: Memory,
    private readonly trial?: Trial,
  ) {}

  /** Throws a SerializationError that says where and why. Memory to travel goes to `shared`. */
  write(value: unknown, path: string, shared: SharedPart[]): Graph {
    const root: Box = [undefined];
    this.pushBox(value, root, { parent: undefined, step: path });
    for (let frame = this.stack.at(-1); frame; frame = this.stack.at(-1)) {
      try {
        this.advance(frame);
      } catch (error) {
        if (this.trial) this.note(error, frame);
        else this.retreat(error);
      }
    }
    const { binary: parts } = this;
    const binary = parts.count > 0 ? parts.finish(shared, this.memory) : undefined;
    return { root, steps: this.steps, specials: writeSpecials(this.specials), binary };
  }

  private step(...step: Step): void {
    for (const part of step) this.steps.push(part);
  }

  private advance(frame: Frame): void {
    const { source, target, keys, next, count } = frame;
    if (next === count) {
      this.stack.pop();
      frame.finish?.();
      return;
    }
    frame.next += 1;
    const key = keys === undefined ? next : (keys[next] as Key);
    if (keys !== undefined || key in source) this.place(readPart(frame, key), target, key, frame);
  }

  private place(value: unknown, target: Container, key: Key, frame: Frame): void {
    if (isPrimitive(value)) return setKey(target, key, value);
    const object = typeof value === 'object' && value !== null;
    const known = this.written.get(value);
    if (known && 'copy' in known) return setKey(target, key, known.copy);
    if (object && !types.isProxy(value)) {
      if (isAtom(value) || this.asTheyAre.has(value)) return setKey(target, key, value);
      if (this.placeContainer(value, target, key, frame)) return;
    }
    setKey(target, key, undefined);
    if (known) this.link(known, target, key, frame);
    else if (value instanceof Lenient) this.pushLenient(value.value, target, key, frame);
    else this.placeSpecial(value, target, key, frame);
  }

  private link(
    known: Extract<Written, { special: number }>,
    target: Container,
    key: Key,
    frame: Frame,
  ): void {
    if (known.open) {
      throw refuse(
        trailTo(frame, key),
        'the encoding of this value leads back to the value itself and so never ends; ' +
          'leave that part out of what its encode() returns',
      );
    }
    this.step(StepType.Link, target, key, known.special);
  }

  // --- Containers ---

  private placeContainer(value: object, target: Container, key: Key, frame: Frame): boolean {
    if (isOrdinaryArray(value)) {
      const copy = new Array<unknown>(value.length);
      this.placeCopy(value, copy, arrayKeys(value), target, key, frame);
    } else if (isOrdinary(value)) {
      this.placeCopy(value as Container, {}, Object.keys(value), target, key, frame);
    } else if (isOrdinaryMap(value)) {
      const entries = [...value].flat();
      this.placeCollection(value, new Map(), entries, target, key, frame);
    } else if (isOrdinarySet(value)) {
      this.placeCollection(value, new Set(), [...value], target, key, frame);
    } else if (isBare(value) && !this.kindOf(value)) {
      const copy = {};
      this.step(StepType.Bare, copy);
      this.placeCopy(value as Container, copy, Object.keys(value), target, key, frame);
    } else {
      return false;
    }
    return true;
  }

  private placeCopy(
    source: Container,
    copy: Container,
    keys: readonly Key[] | undefined,
    target: Container,
    key: Key,
    frame: Frame,
  ): void {
    const tooDeep = frame.depth >= MAX_NESTING;
    if (tooDeep) this.step(StepType.Put, target, key, copy);
    setKey(target, key, tooDeep ? undefined : copy);
    this.remember(source, { copy });
    this.stack.push({
      source,
      target: copy,
      keys,
      count: keys?.length ?? (source as unknown[]).length,
      next: 0,
      depth: tooDeep ? 0 : frame.depth + 1,
      trail: trailTo(frame, key),
      stepTo: stepToPart,
    });
  }

  /** V8 gets a Map or Set empty: a key may be a hole, and keys that are holes cannot be told apart. */
  private placeCollection(
    source: object,
    copy: Map<unknown, unknown> | Set<unknown>,
    parts: unknown[],
    target: Container,
    key: Key,
    frame: Frame,
  ): void {
    setKey(target, key, copy);
    this.remember(source, { copy });
    const list = new Array<unknown>(parts.length);
    this.stack.push({
      source: parts,
      target: list,
      count: parts.length,
      next: 0,
      depth: 0,
      trail: trailTo(frame, key),
      stepTo: copy instanceof Map ? stepToEntry(parts) : stepToItem,
      finish: () => {
        if (copy instanceof Map) this.step(StepType.FillMap, copy, list);
        else this.step(StepType.FillSet, copy, list);
      },
    });
  }

  // --- Special values ---

  private placeSpecial(value: unknown, target: Container, key: Key, frame: Frame): void {
    const kind = this.kindOf(value);
    if (kind) return this.placeKind(value, kind, target, key, frame);
    const special = this.specials.push(this.markOf(value, frame, key)) - 1;
    this.remember(value, { special, open: false });
    this.step(StepType.Link, target, key, special);
  }

  private markOf(value: unknown, frame: Frame, key: Key): Special {
    if (typeof value === 'symbol' && symbolName(value) !== undefined) return value;
    if (value instanceof URL && Object.getPrototypeOf(value) === URL.prototype) return value;
    if (typeof value === 'object' && value !== null && !types.isProxy(value) && isBinary(value)) {
      try {
        return new BinaryMark(this.binary.add(value));
      } catch (cause) {
        const reason = 'its memory was transferred to another thread; send it before, or a copy';
        throw refuse(trailTo(frame, key), reason, cause);
      }
    }
    throw refuse(trailTo(frame, key), refusalOf(value));
  }

  /** First what makes the value, then the value, then what is put into it. */
  private placeKind(
    value: unknown,
    kind: Kind<unknown>,
    target: Container,
    key: Key,
    frame: Frame,
  ): void {
    const trail = trailTo(frame, key);
    const sink = this.sink.at(trail);
    const special = this.specials.push(new KindMark(kind.id)) - 1;
    const state = { special, open: true };
    this.remember(value, state);
    const data = ask(
      () => kind.encode(value, sink),
      trail,
      () => (state.open = false),
    );
    const fill = (): void => {
      state.open = false;
      if (!kind.content) return;
      const filled: Box = [undefined];
      const content = ask(() => kind.content?.(value, sink), trail);
      this.pushBox(content, filled, trail, () => this.step(StepType.Fill, special, filled));
    };
    if (isPrimitive(data)) {
      this.step(StepType.Make, target, key, special, data);
      return fill();
    }
    const made: Box = [undefined];
    this.pushBox(data, made, trail, () => {
      this.step(StepType.MakeOfBox, target, key, special, made);
      fill();
    });
  }

  private pushBox(value: unknown, box: Box, trail: Trail, finish?: () => void): void {
    this.stack.push({
      source: [value],
      target: box,
      count: 1,
      next: 0,
      depth: 0,
      trail,
      stepTo: () => undefined,
      finish,
    });
  }

  // --- Taking back ---

  private remember(value: unknown, written: Written): void {
    this.written.set(value, written);
    this.order.push(value);
  }

  private pushLenient(value: unknown, target: Container, key: Key, frame: Frame): void {
    const { length: known } = this.order;
    const { length: steps } = this.steps;
    const { length: specials } = this.specials;
    const { count } = this.binary;
    const takeBack = this.sink.mark();
    this.stack.push({
      source: { [key]: value },
      target,
      keys: [key],
      count: 1,
      next: 0,
      depth: frame.depth,
      trail: trailTo(frame, key),
      stepTo: () => undefined,
      retreat: (reason) => {
        for (const forgotten of this.order.splice(known)) this.written.delete(forgotten);
        this.steps.length = steps;
        this.specials.length = specials;
        this.binary.rollBack(count);
        takeBack();
        setKey(target, key, reason);
      },
    });
  }

  /** Goes on behind the part that was refused. */
  private note(error: unknown, frame: Frame): void {
    const at = frame.next - 1;
    const key = frame.keys?.[at] ?? at;
    this.trial?.note(error, printTrail(trailTo(frame, key)));
  }

  /** Goes back to the last part that may be lost; the error is final when there is none. */
  private retreat(error: unknown): void {
    for (let frame = this.stack.pop(); frame; frame = this.stack.pop()) {
      if (!frame.retreat) continue;
      const reason = error instanceof Error ? error.message : String(error);
      return frame.retreat(`[cannot be sent: ${reason}]`);
    }
    throw error;
  }
}

/** Lets a kind write; what a user's code throws there is told with the path. */
function ask<T>(write: () => T, trail: Trail, onRefusal?: () => void): T {
  try {
    return write();
  } catch (error) {
    onRefusal?.();
    if (error instanceof RayError) throw error;
    const message = error instanceof Error ? error.message : String(error);
    throw refuse(trail, `its encode() threw: ${message}`, error);
  }
}
