import { expect } from 'chai';
import type { Resources } from '../../../lib/protocol/specs';
import { Random } from './random';
import { Bench } from './support';

const total: Resources = { CPU: 2, GPU: 1.5, memory: 1000, licence: 0.001 };

/** A request of random size, at times for more than there is. */
function someResources(random: Random): Resources {
  const amount = (most: number): number => Math.round(random.next() * most * 1e4) / 1e4;
  return {
    CPU: random.pick([0, 0.0001, 0.5, 1, 2, amount(2)]) ?? 1,
    ...(random.chance(0.4) && { GPU: random.pick([0.0001, 0.5, 1, 2, amount(1.5)]) ?? 1 }),
    ...(random.chance(0.3) && { memory: amount(1000) }),
    ...(random.chance(0.3) && { licence: random.pick([0.0001, 0.001, 0.002]) ?? 0 }),
  };
}

const fits = (wanted: Resources): boolean =>
  Object.entries(wanted).every(([name, amount]) => amount <= (total[name] ?? 0));

describe('scheduler: admission', () => {
  it('never lets more run than was declared, and runs all that could ever run', () => {
    for (let seed = 1; seed <= 20; seed += 1) {
      const random = new Random(seed);
      const { CPU, ...resources } = total;
      const bench = Bench.ready({ numCpus: CPU ?? 1, resources, maxThreads: 8 });
      const shapes = Array.from({ length: 12 }, () => someResources(random));
      shapes.forEach((one, index) => bench.define(`f${index}`, { resources: one }));
      const wanted = new Map<string, Resources>();
      /** Calls in the hand of each thread: the first of them runs. */
      const hands = new Map<string, string[]>();
      const ran = new Set<string>();

      const look = (): void => {
        const fresh = [...bench.instructions];
        for (let one = fresh.shift(); one !== undefined; one = fresh.shift()) {
          if (one.type === 'startWorker') {
            bench.online(one.worker);
            fresh.push(...bench.instructions);
          } else if (one.type === 'send' && one.message.type === 'run') {
            const hand = hands.get(one.to) ?? [];
            hands.set(one.to, [...hand, one.message.call.id]);
            ran.add(one.message.call.id);
          }
        }
        const running = [...hands.values()].map(([first = '']) => wanted.get(first) ?? {});
        for (const [name, amount] of Object.entries(total)) {
          const units = running.reduce((sum, one) => sum + Math.round((one[name] ?? 0) * 1e4), 0);
          expect(units, `${name}, seed ${seed}`).to.be.at.most(amount * 1e4);
          expect(bench.scheduler.usage().taken[name]).to.equal(units / 1e4);
        }
      };
      const end = (): boolean => {
        const busy = [...hands].filter(([, hand]) => hand.length > 0);
        const [worker, [first = '', ...rest]] = random.pick(busy) ?? ['', []];
        if (worker === '') return false;
        hands.set(worker, rest);
        if (random.chance(0.2)) bench.fail(worker, first, 50);
        else bench.done(worker, first, first, random.pick([0.01, 50]) ?? 50);
        look();
        return true;
      };

      for (let call = 0; call < 80; call += 1) {
        const at = random.below(shapes.length);
        wanted.set(`c${call}`, shapes[at] ?? {});
        bench.submit(`c${call}`, { fn: `f${at}` });
        look();
        if (random.chance(0.5)) end();
      }
      while (end());
      const never = [...wanted].filter(([id, one]) => !ran.has(id) && fits(one));
      expect(never, `never run, seed ${seed}`).to.deep.equal([]);
    }
  });

  describe('of what can never be', () => {
    let bench: Bench;
    beforeEach(() => (bench = Bench.ready({ numCpus: 2, resources: { memory: 1000, tpu: 1 } })));

    it('says so once, at the first call, with all that is missing', () => {
      const resources = { CPU: 3, GPU: 1, memory: 2000, tpu: 0.5 };
      expect(bench.define('big', { resources })).to.deep.equal([]);
      expect(bench.submit('a', { fn: 'big' })).to.deep.equal([
        'warn big needs CPU: 3, this machine has 2; and GPU: 1, this machine has 0; and memory: ' +
          '2000, this machine has 1000: its calls stay pending; ask for less, or raise numCpus ' +
          'and numGpus and memory in init()',
      ]);
      expect(bench.submit('b', { fn: 'big' })).to.deep.equal([]);
      expect(bench.scheduler.usage().calls).to.equal(2);
    });

    it('says so of instances too', () => {
      bench.define('Counter', { resources: { tpu: 1.5 } });
      expect(bench.createActor('C')).to.deep.equal([
        'warn Counter needs tpu: 1.5, this machine has 1: its instances stay pending; ask for ' +
          'less, or raise resources in init()',
      ]);
      expect(bench.createActor('D')).to.deep.equal([]);
    });

    it('does not hold up others', () => {
      bench.define('big', { resources: { CPU: 1, GPU: 1 } });
      bench.define('f');
      bench.submit('a', { fn: 'big' });
      expect(bench.submit('b')).to.include('n-2 <- run b');
    });
  });
});
