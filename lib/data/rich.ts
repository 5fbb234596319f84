import type { SuperJSON } from 'superjson';

/*
 * The door to superjson. It carries what V8 cannot: URLs, symbols, and the places where a value of
 * a kind belongs. The instance is our own, for the default one is the user's.
 */

/** Stands for values that the kind of this id writes and makes again, so many in a row. */
export class KindMark {
  constructor(
    readonly kind: string,
    readonly count = 1,
  ) {}
}

/** Stands for the binary of this number. */
export class BinaryMark {
  constructor(readonly number: number) {}
}

export type Special = URL | symbol | KindMark | BinaryMark;

/** The well-known symbols by their names (`Symbol.iterator`): every thread has them. */
const wellKnown = new Map<string, symbol>();
for (const name of Object.getOwnPropertyNames(Symbol)) {
  const symbol = (Symbol as unknown as Record<string, unknown>)[name];
  if (typeof symbol === 'symbol') wellKnown.set(`Symbol.${name}`, symbol);
}

/** What names the symbol in every thread; undefined for one that exists in this thread alone. */
export function symbolName(symbol: symbol): string | undefined {
  const key = Symbol.keyFor(symbol);
  if (key !== undefined) return `for:${key}`;
  const { description = '' } = symbol;
  return wellKnown.get(description) === symbol ? description : undefined;
}

function namedSymbol(name: string): symbol {
  if (name.startsWith('for:')) return Symbol.for(name.slice(4));
  const symbol = wellKnown.get(name);
  if (!symbol) throw new TypeError(`this version of Node has no ${name}`);
  return symbol;
}

/** Loaded on first need: it takes some 10 ms, and many threads never meet a special value. */
let instance: SuperJSON | undefined;

function superjson(): SuperJSON {
  if (instance) return instance;
  // By `require`, for an import would load it at start.
  const module = require('superjson') as typeof import('superjson');
  instance = new module.SuperJSON();
  instance.registerCustom<KindMark, [kind: string, count: number]>(
    {
      isApplicable: (value): value is KindMark => value instanceof KindMark,
      serialize: ({ kind, count }) => [kind, count],
      deserialize: ([kind, count]) => new KindMark(kind, count),
    },
    'kind',
  );
  instance.registerCustom<BinaryMark, number>(
    {
      isApplicable: (value): value is BinaryMark => value instanceof BinaryMark,
      serialize: (mark) => mark.number,
      deserialize: (number) => new BinaryMark(number),
    },
    'binary',
  );
  instance.registerCustom<symbol, string>(
    {
      isApplicable: (value): value is symbol => typeof value === 'symbol',
      serialize: (symbol) => symbolName(symbol) as string,
      deserialize: namedSymbol,
    },
    'symbol',
  );
  return instance;
}

/** Special values as text; undefined when there are none, and then superjson is not loaded. */
export const writeSpecials = (specials: readonly Special[]): string | undefined =>
  specials.length === 0 ? undefined : superjson().stringify(inRuns(specials));

export function readSpecials(text: string | undefined): Special[] {
  if (text === undefined) return [];
  const specials: Special[] = [];
  for (const special of superjson().parse<Special[]>(text)) {
    const count = special instanceof KindMark ? special.count : 1;
    for (let i = 0; i < count; i += 1) specials.push(special);
  }
  return specials;
}

/** Values of one kind come in thousands, refs above all: those in a row have one mark. */
function inRuns(specials: readonly Special[]): Special[] {
  const runs: Special[] = [];
  for (const special of specials) {
    const last = runs.at(-1);
    if (special instanceof KindMark && last instanceof KindMark && last.kind === special.kind) {
      runs[runs.length - 1] = new KindMark(last.kind, last.count + 1);
    } else {
      runs.push(special);
    }
  }
  return runs;
}
