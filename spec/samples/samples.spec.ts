import { readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename, join } from 'node:path';
import { expect } from 'chai';
import { repository } from '../support/source-tree';
import { perform, promised, withoutTimes } from './printed';

/** Seconds that calls take when they run side by side, and when they run one after another. */
interface Pace {
  readonly parallel: number;
  readonly sequential: number;
}

const paces: Readonly<Record<string, Pace>> = {
  'four calls of one second': { parallel: 1, sequential: 4 },
  'two busy seconds': { parallel: 1, sequential: 2 },
  'eight calls of one second': { parallel: 2, sequential: 8 },
  'eight children of one second': { parallel: 2, sequential: 8 },
  'six increments of one second': { parallel: 3, sequential: 6 },
  'two tasks of three seconds': { parallel: 3.5, sequential: 6 },
  'until two are done': { parallel: 3, sequential: 5 },
  'until all are done': { parallel: 5, sequential: 10 },
  'four calls of one second on one array': { parallel: 1, sequential: 4 },
  'three naps, three seconds together': { parallel: 1.5, sequential: 3 },
  'six questions of half a second': { parallel: 1, sequential: 3 },
  'eight calls of half a second, in two steps': { parallel: 1.5, sequential: 4 },
};

/** One licence for two calls: these must not run side by side. */
const oneAtATime = 'two seconds with one licence';

/** Timers end a little early by the clock that measures them. */
const early = 0.05;

/** A run one after another can never be this fast, and a parallel one has the rest as its margin. */
function expectParallel(what: string, seconds: number): void {
  const pace = paces[what];
  if (!pace) throw new Error(`say in this spec how long "${what}" takes`);
  const { parallel, sequential } = pace;
  expect(seconds, what).to.be.within(parallel - early, parallel + 0.6 * (sequential - parallel));
}

const samples = readdirSync(join(repository, 'samples'))
  .filter((file) => file.endsWith('.ts'))
  .map((file) => basename(file, '.ts'));

/** These print times that no other line has, and are looked at by themselves. */
const byThemselves = ['monte-carlo', 'tutorial'];

describe('samples', function () {
  this.timeout(90_000);

  for (const name of samples.filter((sample) => !byThemselves.includes(sample))) {
    it(`${name} prints what it says, as fast as it says`, async () => {
      const expected = promised(name);
      const { text, seconds } = withoutTimes(await perform(name));
      expect(text).to.equal(expected.text);
      for (const [what, took] of Object.entries(seconds)) {
        if (what === oneAtATime) expect(took, what).to.be.at.least(2 - early);
        else expectParallel(what, took);
      }
    });
  }

  it('monte-carlo prints the same on any number of CPUs, and plots what it measured', async () => {
    const row = /^(\d+) CPUs? +[\d.]+ s +([\d.]+) times as fast\n/gm;
    const output = await perform('monte-carlo');
    expect(output.replace(row, '').trimEnd()).to.equal(
      promised('monte-carlo').text.replace(row, ''),
    );

    const rows = [...output.matchAll(row)];
    expect(rows.map(([, cpus]) => Number(cpus)).at(-1)).to.equal(availableParallelism());
    const plot = readFileSync(join(repository, 'samples/output/speed-up.svg'), 'utf8');
    const labels = [...plot.matchAll(/>([\d.]+) ×</g)].map(([, speedUp]) => speedUp);
    expect(labels).to.deep.equal(rows.map(([, , speedUp]) => speedUp));
  });

  it('tutorial runs all numbered samples, and each chapter is faster than its calls in a row', async () => {
    const chapters = samples.filter((sample) => /^\d/.test(sample));
    const { text, seconds } = withoutTimes(await perform('tutorial'));
    for (const name of chapters) expect(text).to.include(promised(name).text);
    for (const [what, took] of Object.entries(seconds)) expectParallel(what, took);

    const rows = [...text.matchAll(/^(\d) .* ([\d.]+) s +([\d.]+) s +([\d.]+) times as fast$/gm)];
    expect(rows.map(([, chapter]) => Number(chapter))).to.deep.equal(chapters.map((_, i) => i + 1));
    for (const [row, , took, sequential] of rows) {
      expect(Number(took), row).to.be.below(Number(sequential));
    }
  });
});
