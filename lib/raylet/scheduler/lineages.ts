import type { ObjectId } from '../../base/ids';
import type { TaskCall } from '../../protocol/messages';
import { sharedIn, type Payload } from '../../protocol/payload';
import type { Calls } from './calls';
import { refsIn, type ObjectDirectory } from './objects';
import type { CallRecord, Input, Lineage, ObjectRecord } from './records';

/** Generations of tasks behind a value that are kept: a value made of the one before, again and again, has no end. */
const MOST_GENERATIONS = 100;

/**
 * Makes values anew that were lost on disk, by running their tasks again, and first those of the
 * arguments that are gone as well.
 */
export class Lineages {
  constructor(
    private readonly objects: ObjectDirectory,
    private readonly calls: Calls,
  ) {}

  /** The call has made a value: notes how, if that may be lost. Its arguments are still there. */
  note(call: CallRecord): void {
    const { object, spec, message, name, retries } = call;
    const { outcome, owner, lineage: before } = object;
    if (before !== undefined) this.release(before);
    object.lineage = undefined;
    if (!outcome?.ok || !isStored(outcome.value) || retries === 0) return;
    if (message.kind !== 'task' || spec === undefined || !isSelfContained(message.call)) return;
    const found = (message.call.refArgs ?? []).map(([, id]) => this.inputOf(id));
    let generations = 1;
    for (const { lineage } of found) {
      generations = Math.max(generations, 1 + (lineage?.generations ?? 0));
    }
    const old = generations > MOST_GENERATIONS;
    const inputs = old ? found.map(({ id, value }) => ({ id, ...(value && { value }) })) : found;
    const made = { call: message.call, spec, name, owner, retries, inputs };
    object.lineage = { ...made, generations: old ? 1 : generations, holds: 1 };
    this.keep(object.lineage);
  }

  /** An object that was made so is forgotten. */
  release(first: Lineage): void {
    const released = [first];
    for (let lineage = released.pop(); lineage !== undefined; lineage = released.pop()) {
      lineage.holds -= 1;
      if (lineage.holds > 0) continue;
      this.objects.unpinOne(lineage.spec.object);
      this.objects.letGoCode(lineage.call.args);
      for (const { value, lineage: before } of lineage.inputs) {
        if (value !== undefined) this.objects.letGoValue(value[0]);
        if (before !== undefined) released.push(before);
      }
    }
  }

  /** Runs the task of the object, which has no value, again; false where that is not allowed, or not possible. */
  rebuild(object: ObjectRecord): boolean {
    if (object.lineage === undefined || !this.canRun(object.lineage)) return false;
    const reruns = [[object, object.lineage] as const];
    for (const [, { inputs, owner, name }] of reruns) {
      for (const { id, value, lineage } of inputs) {
        if (this.isThere(id)) continue;
        // What failed for the same reason is made again; nobody else knows what is gone.
        const input = this.objects.get(id) ?? this.objects.createUnowned(id, owner, name);
        this.objects.reopen(input);
        if (value !== undefined) this.objects.settle(input, { ok: true, value: value[0] });
        else if (lineage !== undefined) reruns.push([input, lineage]);
      }
    }
    for (const [made, lineage] of reruns) this.calls.rerun(lineage, made);
    return true;
  }

  /** All that are kept, each once, for `validate`. */
  all(): ReadonlySet<Lineage> {
    const found = new Set<Lineage>();
    for (const { lineage } of this.objects.values()) if (lineage !== undefined) found.add(lineage);
    for (const { inputs } of found) {
      for (const { lineage } of inputs) if (lineage !== undefined) found.add(lineage);
    }
    return found;
  }

  /** Whether it, and whatever is missing before it, may be run again. */
  private canRun(first: Lineage): boolean {
    const seen = new Set([first]);
    for (const { retries, inputs, call } of seen) {
      if (retries === 0) return false;
      // Refs inside, and handles, are the call's own to read.
      if (refsIn(call.args).some((id) => this.objects.get(id) === undefined)) return false;
      for (const { id, value, lineage } of inputs) {
        if (this.isThere(id) || value !== undefined) continue;
        if (lineage === undefined) return false;
        seen.add(lineage);
      }
    }
    return true;
  }

  /** Whether the object has a value, or will have one. */
  private isThere(id: ObjectId): boolean {
    const object = this.objects.get(id);
    return object !== undefined && object.outcome?.ok !== false;
  }

  private inputOf(id: ObjectId): Input {
    const lineage = this.objects.get(id)?.lineage;
    if (lineage !== undefined) return { id, lineage };
    const value = this.objects.valueOf(id);
    return this.objects.hasValue(id) && !isStored(value) ? { id, value: [value] } : { id };
  }

  private keep({ spec, call, inputs }: Lineage): void {
    spec.object.pins += 1;
    this.objects.keepCode(call.args);
    for (const { value, lineage } of inputs) {
      if (value !== undefined) this.objects.keepValue(value[0]);
      if (lineage !== undefined) lineage.holds += 1;
    }
  }
}

/** Whether part of it is memory of the store, which may go to disk and be lost there. */
const isStored = (payload: Payload): boolean =>
  sharedIn(payload).some(({ id }) => id !== undefined);

/** Whether the call makes one value, and of nothing but what is small, and refs. */
const isSelfContained = ({ args, returns, stream }: TaskCall): boolean =>
  returns === undefined && stream === undefined && sharedIn(args).length === 0;
