import type { CodeId, ParcelId } from '../../base/ids';
import type { Trial } from '../../data/trial';
import type { Parcel } from '../../protocol/payload';
import type { ScriptsTable } from '../scopes/script-text';
import { unmarked } from '../stacks/marks';
import type { CaptureContext } from './context';
import { createCaptureContext, type ContextOptions } from './create-context';
import { describe } from './describe';
import { describeFunction } from './functions';
import { refusalOfInstance } from './instances';
import type { Node } from './nodes';
import { Transaction } from './transaction';
import { childTrail } from './trail';

/** A captured thing: where it is, and what may come of calling it. */
export interface Found {
  readonly id: CodeId;
  readonly parcel: ParcelId | undefined;
  readonly blocking: boolean;
}

export interface CapturerOptions extends ContextOptions {
  /** Takes each new parcel, once, with all nodes of it. */
  readonly send: (parcel: Parcel, nodes: readonly CodeId[]) => void;
  /** Whether a script runs here because it was imported by reference, as it can be elsewhere. */
  readonly isImported: (url: string) => boolean;
}

/** The capturing half of a store. It is loaded when a thread first has something to capture. */
export class Capturer {
  readonly #context: CaptureContext;
  readonly #send: CapturerOptions['send'];
  readonly #isImported: (url: string) => boolean;
  /** Files whose functions were captured: they may be scripts, such as specs under a test runner. */
  readonly #scripts = new Set<string>();
  #open: Transaction | undefined;

  constructor({ send, isImported, ...options }: CapturerOptions) {
    this.#context = createCaptureContext(options);
    this.#send = send;
    this.#isImported = isImported;
  }

  /** The thread's name in the parcels it makes. */
  get origin(): string {
    return this.#context.origin;
  }

  get scripts(): ScriptsTable {
    return this.#context.scripts;
  }

  /** A capture is under way: what is captured now becomes part of it, and may be refused with it. */
  get isOpen(): boolean {
    return this.#open !== undefined;
  }

  /** Whether a function is V8's or Node's own. */
  isNative(fn: object): boolean {
    return this.#context.natives.has(fn);
  }

  refusalOf(instance: object): string | undefined {
    return refusalOfInstance(instance, this.#context);
  }

  /**
   * @param name the first step of paths in messages
   * @param byValue copy it even where others would import it: its file may be a script
   */
  capture(target: object, name: string, byValue: boolean): Found {
    if (this.#open) return this.#join(this.#open, target, name, byValue);
    const { identity, blockingParcels } = this.#context;
    if (identity.idOf(target) === undefined) this.#begin(target, name, byValue);
    const id = identity.idOf(target) as CodeId;
    const parcel = identity.parcelOf(id);
    return { id, parcel, blocking: parcel !== undefined && blockingParcels.has(parcel) };
  }

  /** As `capture` in a trial: what becomes known by it is forgotten at the end of that. */
  tryOut(target: object, name: string, byValue: boolean, trial: Trial): void {
    if (this.#context.identity.idOf(target) !== undefined) return;
    const scripts = [...this.#scripts];
    trial.atEnd(() => {
      this.#scripts.clear();
      for (const file of scripts) this.#scripts.add(file);
    });
    const tx = new Transaction(this.#context, this.#homeOf(target, byValue), trial);
    trial.atEnd(() => tx.rollback());
    this.#open = tx;
    try {
      tx.slot(target, undefined, name, this.#describer(tx, target, name, byValue));
      tx.check();
    } finally {
      this.#open = undefined;
    }
  }

  /** Nothing of the parcel lives here any more. */
  forget(parcel: ParcelId): void {
    this.#context.blockingParcels.delete(parcel);
    this.#context.endings.run(parcel);
  }

  dispose(): void {
    this.#context.inspector.dispose();
  }

  #begin(target: object, name: string, byValue: boolean): void {
    const tx = new Transaction(this.#context, this.#homeOf(target, byValue));
    this.#open = tx;
    let parcel: Parcel | undefined;
    try {
      tx.slot(target, undefined, name, this.#describer(tx, target, name, byValue));
      parcel = tx.commit();
    } catch (refusal) {
      tx.rollback();
      throw refusal;
    } finally {
      this.#open = undefined;
    }
    if (parcel) this.#send(parcel, tx.nodes);
  }

  /** The target's file where that is a script, which a capture must not make others run. */
  #homeOf(target: object, byValue: boolean): string | undefined {
    const url = this.#context.homeOf(target);
    if (url === undefined || this.#isImported(url)) return undefined;
    const file = unmarked(url);
    const isRebuilt = file !== url;
    if (byValue || isRebuilt) this.#scripts.add(file);
    return this.#scripts.has(file) ? url : undefined;
  }

  #join(open: Transaction, target: object, name: string, byValue: boolean): Found {
    open.slot(target, undefined, name, this.#describer(open, target, name, byValue));
    open.run();
    const id = this.#context.identity.idOf(target) as CodeId;
    return { id, parcel: open.parcel, blocking: open.blocking };
  }

  #describer(
    tx: Transaction,
    target: object,
    name: string,
    byValue: boolean,
  ): (() => Node) | undefined {
    const context = this.#context;
    if (!byValue || context.homeOf(target) === undefined) return undefined;
    const trail = childTrail(undefined, name);
    return () =>
      context.codec.hasKind(target)
        ? describe(target, context, tx, trail)
        : describeFunction(target, context, tx, trail);
  }
}
