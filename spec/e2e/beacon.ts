import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ActorHandle, availableResources, get, type ObjectRef, remote } from 'rayx';

/** An actor to which tasks tell how far they have come, and give the refs they made. */
export class Beacon {
  readonly #seen: string[] = [];
  readonly #refs: ObjectRef<unknown>[] = [];

  light(what: string): void {
    this.#seen.push(what);
  }

  seen(): string[] {
    return this.#seen;
  }

  keep(refs: readonly ObjectRef<unknown>[]): void {
    this.#refs.push(...refs);
  }

  kept(): ObjectRef<unknown>[] {
    return this.#refs;
  }
}

/** A beacon that stands ready: what it is told is seen at once. */
export async function makeBeacon(): Promise<ActorHandle<Beacon>> {
  const beacon = remote(Beacon).remote();
  await get(beacon.seen.remote());
  return beacon;
}

/** A sign that a task sees while it hears nothing: a file that is there, or not yet. */
export class Sign {
  readonly #folder = mkdtempSync(join(tmpdir(), 'rayx-sign-'));
  readonly path = join(this.#folder, 'sign');

  give(): void {
    writeFileSync(this.path, '');
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** A sign for each spec of the suite that this is called in. */
export function signForEach(): Pick<Sign, 'path' | 'give'> {
  let sign: Sign;
  beforeEach(() => (sign = new Sign()));
  afterEach(() => sign.remove());
  return {
    get path() {
      return sign.path;
    },
    give: () => sign.give(),
  };
}

/** Waits until a task has told this. The spec's time-out ends a wait in vain. */
export async function lit(beacon: ActorHandle<Beacon>, what: string): Promise<void> {
  await until(async () => (await get(beacon.seen.remote())).includes(what));
}

/** Waits until so many CPUs are free. */
export async function cpusFree(count: number): Promise<void> {
  await until(() => availableResources().CPU === count);
}

/** Waits until it is so. */
export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await sleep(1);
}
