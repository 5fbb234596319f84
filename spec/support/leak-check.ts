import { subscribe } from 'node:diagnostics_channel';
import { relative } from 'node:path';
import { setImmediate, setTimeout } from 'node:timers/promises';
import type { Worker } from 'node:worker_threads';
import type { Context, RootHookObject, Suite } from 'mocha';
import { repository } from './source-tree';

/** How long what a spec file started may take to end, in milliseconds. */
const patience = 3000;

/** What keeps a process alive and should not outlive the spec file that started it. */
const watched = ['MessagePort', 'Timeout'];

/**
 * Threads of this process that run. Node does not list unreferenced threads among its active
 * resources, and those of the runtime are unreferenced whenever nobody waits, so they are counted here.
 */
const threads = new Set<Worker>();

subscribe('worker_threads', (message) => {
  const { worker } = message as { worker: Worker };
  threads.add(worker);
  worker.once('exit', () => threads.delete(worker));
});

/** How many of each kind of thing are alive. */
export type Census = Readonly<Record<string, number>>;

/** Counts the live threads, ports and timers. */
export async function takeCensus(): Promise<Census> {
  // From a fresh turn: within a timer's callback that timer itself would count.
  await setImmediate();
  const census: Record<string, number> = { Thread: threads.size };
  for (const kind of watched) census[kind] = 0;
  for (const kind of process.getActiveResourcesInfo()) {
    if (watched.includes(kind)) census[kind] = (census[kind] ?? 0) + 1;
  }
  return census;
}

/** What is alive in `after` and was not in `before`: `['2 Thread', '1 Timeout']`. */
export function leaksBetween(before: Census, after: Census): string[] {
  return Object.entries(after)
    .map(([kind, count]) => [kind, count - (before[kind] ?? 0)] as const)
    .filter(([, more]) => more > 0)
    .map(([kind, more]) => `${more} ${kind}`);
}

/** Waits until nothing is alive that was not in `before`, for at most `timeout` ms; gives what still is. */
export async function settledLeaks(before: Census, timeout = patience): Promise<string[]> {
  const end = performance.now() + timeout;
  for (;;) {
    const leaks = leaksBetween(before, await takeCensus());
    if (leaks.length === 0 || performance.now() > end) return leaks;
    await setTimeout(20);
  }
}

/** Mocha's hooks: after the last suite of each spec file, everything it started must have ended. */
export const mochaHooks: RootHookObject = {
  async beforeAll(this: Context) {
    let census = await takeCensus();
    for (const suite of lastSuitePerFile(this.test?.parent)) {
      const file = relative(repository, suite.file ?? suite.title);
      suite.afterAll(`leaves nothing running: ${file}`, async function () {
        this.timeout(patience + 5000);
        const leaks = await settledLeaks(census);
        // What one file left behind is not charged to the next.
        census = await takeCensus();
        if (leaks.length > 0) {
          throw new Error(
            `${file} left running: ${leaks.join(', ')}. ` +
              'End the runtime, threads, ports and timers a spec starts in its after hook.',
          );
        }
      });
    }
  },
};

function lastSuitePerFile(root: Suite | undefined): Iterable<Suite> {
  return new Map((root?.suites ?? []).map((suite) => [suite.file, suite])).values();
}
