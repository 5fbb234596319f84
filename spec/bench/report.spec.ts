import { expect } from 'chai';
import type { Row } from './harness/messages';
import { inTurns, median, turnsOf } from './harness/statistics';
import { chart } from './report/chart';
import { updatePage } from './report/docs';
import { figuresOf } from './report/figures';
import { formatNumber } from './report/format';
import { groupResults, type Results } from './report/results';
import { markdownTable, settingsOf, textTable } from './report/table';
import { verdictsOf } from './report/verdict';

function row(name: string, contender: string, rounds: number[], more: Partial<Row> = {}): Row {
  return { case: name, unit: 'calls/s', what: 'calls', contender, rounds, ...more };
}

const pools = 'pools: 1,000 calls at once';

/** The machine became half as fast for the second round, and the fastest is no rival. */
const rows = [
  row(pools, 'rayx', [150, 75, 160], { settings: { numCpus: 2 } }),
  row(pools, 'piscina', [100, 50, 90], { settings: { maxThreads: 2 } }),
  row(pools, 'tinypool', [80, 60, 70]),
  row(pools, 'by hand', [500, 500, 500], { yardstick: true }),
];

const results: Results = {
  date: '2026-01-02T03:04:05.000Z',
  machine: { cpu: 'a CPU', cores: 2, memoryGb: 8, system: 'Linux 6' },
  versions: { node: '20.20.2', rayx: '0.1.0' },
  quick: false,
  groups: [groupResults('pools', 'Thread pools', rows)],
};

describe('reports of the benchmarks', () => {
  it('take the median', () => {
    expect(median([3, 1, 2])).to.equal(2);
    expect(median([4, 1, 3, 2])).to.equal(2.5);
    expect(() => median([])).to.throw(RangeError);
  });

  it('let another contender begin each round', async () => {
    expect([0, 1, 2, 3].map((round) => turnsOf(3, round).join(''))).to.deep.equal([
      '012',
      '120',
      '201',
      '012',
    ]);
    const turns: number[] = [];
    const figures = await inTurns(2, 2, async (contender) => {
      turns.push(contender);
      return turns.length;
    });
    expect(turns).to.deep.equal([0, 1, 1, 0]);
    expect(figures).to.deep.equal([
      [1, 4],
      [2, 3],
    ]);
  });

  it('compare within each round, with the best of the others that is no yardstick', () => {
    const [rayx, piscina, , byHand] = figuresOf(rows);
    expect(rayx).to.include({ median: 150, min: 75, max: 160, timesBest: 1.5 });
    expect(piscina?.timesBest).to.be.closeTo(90 / 160, 0.11);
    expect(byHand?.timesBest).to.be.closeTo(500 / 150, 0.01);
    expect(figuresOf([row('alone', 'rayx', [1])])[0]?.timesBest).to.be.undefined;
  });

  it('say less is better for seconds and memory', () => {
    const times = [
      row('start', 'rayx', [1, 2], { unit: 's' }),
      row('start', 'other', [2, 4], { unit: 's' }),
    ];
    expect(figuresOf(times).map(({ timesBest }) => timesBest)).to.deep.equal([2, 0.5]);
  });

  it('judge what is to be reached', () => {
    const goals = (name: string, ...all: Row[]) => {
      const figures = figuresOf(all);
      const ours = figures.find((figure) => figure.contender === 'rayx' && figure.case === name);
      return ours ? verdictsOf(ours, figures) : [];
    };
    expect(goals(pools, ...rows)).to.deep.equal([
      { goal: '≥ 1.2 (aim 1.5) × the best other', met: 'yes, the aim too' },
    ]);
    const sync = 'single client tasks sync';
    expect(goals(sync, row(sync, 'rayx', [6000]))[0]?.met).to.equal('yes');
    expect(goals(sync, row(sync, 'rayx', [4000]))[0]?.met).to.equal('no');
    const start = 'import to first result';
    expect(goals(start, row(start, 'rayx', [150], { unit: 'ms' }))[0]?.met).to.equal('yes');
    const put = 'single client put gigabytes';
    const slice = row(put, 'source.slice()', [10], { yardstick: true });
    expect(goals(put, row(put, 'rayx', [8.9]), slice)).to.deep.equal([
      { goal: '≥ 0.9 × source.slice()', met: 'no' },
    ]);
    expect(goals('nobody asked', row('nobody asked', 'rayx', [1]))).to.deep.equal([]);
  });

  it('round figures to what can be told apart', () => {
    const shown = [0.01234, 1.234, 12.34, 1234.5, NaN].map(formatNumber);
    expect(shown).to.deep.equal(['0.0123', '1.23', '12.3', '1,235', '–']);
  });

  it('set the table in columns, the case once', () => {
    const lines = textTable(figuresOf(rows)).split('\n');
    expect(lines).to.have.length(5);
    expect(lines[0]).to.match(/^case +contender +median +min – max +× best other/);
    expect(lines[1]).to.match(/^pools: .* rayx +150 calls\/s +75 – 160 +1\.5 .* the aim too$/);
    expect(lines[2]).to.match(/^ +piscina +90 calls\/s/);
    const column = lines[0]?.indexOf('contender');
    expect(lines[3]?.indexOf('tinypool')).to.equal(column);
  });

  it('name the settings once, and the cases where they differ', () => {
    const other = row('another', 'rayx', [1], { settings: { numCpus: 2 } });
    const differs = row('another', 'piscina', [1], { settings: { maxThreads: 3 } });
    expect(settingsOf(figuresOf([...rows, other, differs]))).to.deep.equal([
      'rayx: {"numCpus":2}',
      `piscina for ${pools}: {"maxThreads":2}`,
      'piscina for another: {"maxThreads":3}',
    ]);
  });

  it('put results into a page in place of those it had', () => {
    const page =
      'before\n<!-- benchmark results -->\nold\n<!-- end of benchmark results -->\nafter\n';
    const updated = updatePage(page, results);
    expect(updated).to.match(/^before\n<!-- benchmark results -->\n\n2026-01-02, 2 cores of a CPU/);
    expect(updated).to.include('![Thread pools](performance/pools.svg)');
    expect(updated).to.include(markdownTable(figuresOf(rows)));
    expect(updated).to.include(`- *${pools}*: calls\n`);
    expect(updated).not.to.include('old');
    expect(updated.endsWith('<!-- end of benchmark results -->\nafter\n')).to.be.true;
    expect(updatePage(updated, results)).to.equal(updated);
    expect(() => updatePage('nothing', results)).to.throw('<!-- benchmark results -->');
  });

  describe('chart', () => {
    const svg = chart('Thread <pools>', 'a machine', [
      ...figuresOf(rows),
      ...figuresOf([row('single client tasks sync', 'rayx', [2500])]),
    ]);
    const numbersOf = (attribute: string) =>
      [...svg.matchAll(new RegExp(` ${attribute}="([\\d.]+)"`, 'g'))].map(([, text]) =>
        Number(text),
      );

    it('names title, machine, cases, units, contenders and what is to be reached', () => {
      const texts = [...svg.matchAll(/<text [^>]*>(.*?)<\/text>/g)].map(([, text]) => text);
      expect(texts).to.include.members(['Thread &lt;pools>', 'a machine', pools, 'piscina', '150']);
      expect(texts.join()).to.include('calls/s, more is better');
      expect(texts.join()).to.include('to reach ≥ 5,000 (aim 8,000)');
      expect(texts).to.include('Ray’s record (64 vCPU)');
    });

    it('has bars in proportion, from 0', () => {
      const bars = [...svg.matchAll(/<rect class="(\w+)" x="[\d.]+" y="[\d.]+" width="([\d.]+)"/g)];
      const lengths = bars.map(([, kind, length]) => [kind, Number(length)] as const);
      expect(lengths.map(([kind]) => kind)).to.deep.equal([
        ...['ours', 'other', 'other', 'yardstick'],
        ...['ours', 'record'],
      ]);
      const [ours, , , yardstick] = lengths.map(([, length]) => length);
      expect((ours ?? NaN) / (yardstick ?? NaN)).to.be.closeTo(150 / 500, 0.01);
    });

    it('keeps everything inside, one thing below the other', () => {
      const [height = 0] = numbersOf('height');
      const [width = 0] = numbersOf('width');
      expect(Math.max(...numbersOf('y'), ...numbersOf('y2'))).to.be.below(height);
      expect(Math.max(...numbersOf('x'), ...numbersOf('x2'))).to.be.below(width);
      const labels = [...svg.matchAll(/<text x="202" y="([\d.]+)"/g)].map(([, y]) => Number(y));
      labels.slice(1).forEach((y, i) => expect(y - (labels[i] ?? 0)).to.be.at.least(20));
    });

    it('can be read in the dark', () => {
      expect(svg).to.include('@media (prefers-color-scheme: dark)');
    });
  });
});
