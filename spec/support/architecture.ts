import {
  eagerRequiresOf,
  importsOf,
  packageOf,
  resolveWithin,
  valueImportsOf,
  type SourceTree,
} from './source-tree';

/** The rooms of `lib/` from top to bottom. Those of one row stand side by side, out of sight of each other. */
export const layers: readonly (readonly string[])[] = [
  ['index.ts'],
  ['util'],
  ['api'],
  ['operators'],
  ['entry'],
  ['client', 'raylet', 'worker'],
  ['nact'],
  ['code'],
  ['data'],
  ['protocol'],
  ['base'],
];

/** Who may import a package or built-in that has one door. */
export interface Door {
  readonly module: string;
  /** Types may be imported by everybody, only values pass through the door. */
  readonly valuesOnly?: boolean;
  /** A file that may import it. */
  readonly allowed: RegExp;
  readonly where: string;
}

export const doors: readonly Door[] = [
  { module: 'nact', allowed: /^nact\//, where: 'nact/' },
  { module: 'superjson', allowed: /^data\//, where: 'data/' },
  {
    module: 'worker_threads',
    valuesOnly: true,
    allowed: /^(entry\/|raylet\/pool[/.-])/,
    where: 'entry/ and raylet/pool',
  },
];

/** Imports that point upward, sideways, or to a room that is not in the plan. */
export function layerViolations(tree: SourceTree): string[] {
  return edgesOf(tree).flatMap(({ from, to, line }) => {
    const [fromRoom, toRoom] = [roomOf(from), roomOf(to)];
    const [above, below] = [layerOf(fromRoom), layerOf(toRoom)];
    if (fromRoom === toRoom) return [];
    if (above === undefined) return [`${from}: no such room: ${fromRoom}`];
    if (below === undefined) return [`${to}: no such room: ${toRoom}`];
    if (below > above) return [];
    const how = below === above ? 'sideways' : 'upward';
    return [`${from}:${line} imports ${how}: ${toRoom}/ is not below ${fromRoom}/ (${to})`];
  });
}

/** Files outside `entry/` that bring together two of the rooms that stand side by side. */
export function wiringViolations(tree: SourceTree): string[] {
  const neighbours = layers.filter((row) => row.length > 1).flat();
  const edges = edgesOf(tree);
  return [...tree.keys()].flatMap((file) => {
    if (roomOf(file) === 'entry') return [];
    const rooms = edges.filter((edge) => edge.from === file).map((edge) => roomOf(edge.to));
    const used = neighbours.filter((room) => rooms.includes(room));
    return used.length > 1 ? [`${file} wires ${used.join(' and ')}: only entry/ may`] : [];
  });
}

/** Relative imports that lead to no file of the tree: every other check would overlook them. */
export function danglingImports(tree: SourceTree): string[] {
  return [...tree].flatMap(([file, text]) =>
    importsOf(file, text)
      .filter(({ specifier }) => specifier.startsWith('.') && !resolveWithin(tree, file, specifier))
      .map(({ specifier, line }) => `${file}:${line} imports ${specifier}, which is not here`),
  );
}

/** Import circles, one line each, starting at the alphabetically first file of the circle. */
export function importCircles(tree: SourceTree): string[] {
  const targets = new Map<string, string[]>([...tree.keys()].map((file) => [file, []]));
  for (const { from, to } of edgesOf(tree)) targets.get(from)?.push(to);

  const circles = new Set<string>();
  const finished = new Set<string>();
  for (const file of targets.keys()) walk(file, []);
  return [...circles];

  function walk(file: string, path: readonly string[]): void {
    if (path.includes(file)) {
      circles.add(circleText(path.slice(path.indexOf(file))));
    } else if (!finished.has(file)) {
      for (const next of targets.get(file) ?? []) walk(next, [...path, file]);
      finished.add(file);
    }
  }
}

/** Modules that are imported elsewhere than through their one door. */
export function doorViolations(tree: SourceTree): string[] {
  return [...tree].flatMap(([file, text]) => {
    const all = new Set(importsOf(file, text).map(({ specifier }) => packageOf(specifier)));
    const values = new Set(valueImportsOf(file, text).map(packageOf));
    return doors
      .filter((door) => !door.allowed.test(file))
      .filter((door) => (door.valuesOnly ? values : all).has(door.module))
      .map((door) => `${file} imports ${door.module}: only ${door.where} may`);
  });
}

/** Files of more than `limit` lines. */
export function longFiles(tree: SourceTree, limit = 450): string[] {
  return [...tree].flatMap(([file, text]) => {
    const lines = text.replace(/\n$/, '').split('\n').length;
    return lines > limit ? [`${file} has ${lines} lines, more than ${limit}: split it`] : [];
  });
}

/** `export *` in a file whose list of names is meant to be read. */
export function starExports(tree: SourceTree, file: string): string[] {
  const text = tree.get(file);
  if (text === undefined) return [`${file} is missing`];
  return text
    .split('\n')
    .flatMap((line, at) =>
      /^\s*export\s+(type\s+)?\*/.test(line) ? [`${file}:${at + 1}: name what is exported`] : [],
    );
}

/** Chains of imports by which `entry`, once loaded, has loaded one of `packages` as well. */
export function eagerLoads(tree: SourceTree, entry: string, packages: readonly string[]): string[] {
  if (!tree.has(entry)) return [`${entry} is missing`];
  const chains = new Map<string, string>([[entry, entry]]);
  const violations: string[] = [];
  for (const [file, chain] of chains) {
    for (const specifier of eagerRequiresOf(file, tree.get(file) ?? '')) {
      const target = resolveWithin(tree, file, specifier);
      const loaded = packageOf(specifier);
      if (target !== undefined && !chains.has(target)) chains.set(target, `${chain} → ${target}`);
      if (loaded !== undefined && packages.includes(loaded)) {
        violations.push(`${chain} → ${loaded}: load it on first need, inside a function`);
      }
    }
  }
  return violations;
}

interface Edge {
  readonly from: string;
  readonly to: string;
  readonly line: number;
}

function edgesOf(tree: SourceTree): Edge[] {
  return [...tree].flatMap(([from, text]) =>
    importsOf(from, text).flatMap(({ specifier, line }) => {
      const to = resolveWithin(tree, from, specifier);
      return to === undefined ? [] : [{ from, to, line }];
    }),
  );
}

function roomOf(file: string): string {
  return file.split('/')[0] ?? file;
}

function layerOf(room: string): number | undefined {
  const layer = layers.findIndex((row) => row.includes(room));
  return layer < 0 ? undefined : layer;
}

function circleText(files: readonly string[]): string {
  const first = files.indexOf([...files].sort()[0] ?? '');
  const turned = [...files.slice(first), ...files.slice(0, first)];
  return [...turned, turned[0]].join(' → ');
}
