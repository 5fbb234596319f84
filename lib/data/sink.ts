import type { ObjectId, ParcelId } from '../base/ids';
import type { EncodedValue } from '../protocol/payload';
import type { EncodeSink } from './kinds';
import { type Trail, printTrail } from './trail';

/** Gathers what kinds say about one payload, and forgets the part of it that was taken back. */
export class Sink {
  readonly refs: ObjectId[] = [];
  readonly parcels: ParcelId[] = [];
  /** What is to live as long as the payload does on this thread. */
  readonly kept: object[] = [];
  readonly actions: (() => void)[] = [];

  /** The sink as a kind sees it while it writes the value at `trail`. */
  at(trail: Trail): EncodeSink {
    return new PlacedSink(this, trail);
  }

  /** Answers a function that forgets all that was said since. */
  mark(): () => void {
    const { length: refs } = this.refs;
    const { length: parcels } = this.parcels;
    const { length: kept } = this.kept;
    const { length: actions } = this.actions;
    return () => {
      this.refs.length = refs;
      this.parcels.length = parcels;
      this.kept.length = kept;
      this.actions.length = actions;
    };
  }

  /** What stands beside the bytes: each ref as often as the reader will make it, each parcel once. */
  notes(): Pick<EncodedValue, 'refs' | 'code'> {
    return {
      ...(this.refs.length > 0 && { refs: [...this.refs] }),
      ...(this.parcels.length > 0 && { code: [...new Set(this.parcels)] }),
    };
  }

  /** The value is written: runs what kinds have put off until now. */
  commit(): void {
    for (const action of this.actions) action();
  }
}

/** What a kind gets: there is one for each value that a kind writes, so it is small. */
class PlacedSink implements EncodeSink {
  constructor(
    private readonly sink: Sink,
    private readonly trail: Trail,
  ) {}

  get path(): string {
    return printTrail(this.trail);
  }

  ref(id: ObjectId): number {
    return this.sink.refs.push(id) - 1;
  }

  code(parcel: ParcelId): void {
    this.sink.parcels.push(parcel);
  }

  keep(thing: object): void {
    this.sink.kept.push(thing);
  }

  after(action: () => void): void {
    this.sink.actions.push(action);
  }
}
