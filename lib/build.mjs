/**
 * `npm run build` compiles lib/ into dist/ by this: one file for each place where loading begins, and files for what several of
 * them share, all side by side, since to find and read a file takes as long as to compile it. Whoever
 * loads rayx on a thread, the thread itself or user code there, comes upon the same files, and so the
 * same modules. `tsc` writes the declarations.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { build, transform } from 'esbuild';

/** What users import, what threads start with, and what is required inside functions, on first need. */
const places = [
  'index',
  'base/unbundled',
  'entry/driver',
  'entry/local-runtime',
  'entry/worker',
  'entry/inline',
  'entry/scratch',
  'code/graph/capturer',
  'code/stacks/stack-mapper',
];

/** Where specs find the client of the built package. */
const door = 'client/current';

const common = { platform: 'node', target: 'node20', logLevel: 'warning' };

const bundling = {
  ...common,
  bundle: true,
  packages: 'external',
  format: 'esm',
  outdir: 'dist',
  write: false,
  sourcemap: 'inline',
  // Those of package.json are about dist/.
  ignoreAnnotations: true,
  // `await import(url, options)` is meant for Node.
  logOverride: { 'unsupported-dynamic-import': 'silent' },
};

/** A file of rayx required inside a function is loaded then, from where it lies in dist/. */
const onFirstNeed = {
  name: 'on first need',
  setup({ onResolve }) {
    onResolve({ filter: /^\./ }, ({ kind, path }) => {
      if (kind !== 'require-call') return undefined;
      const name = basename(path);
      return places.some((place) => basename(place) === name)
        ? { path: `./${name}.js`, external: true }
        : { errors: [{ text: `${path} is loaded on first need, but not among the places` }] };
    });
  },
};

const entryPoints = [
  ...places.map((place) => ({ in: `lib/${place}.ts`, out: basename(place) })),
  { in: `lib/${door}.ts`, out: door },
];
const shared = await build({
  ...bundling,
  entryPoints,
  splitting: true,
  chunkNames: 'shared-[hash]',
  plugins: [onFirstNeed],
});
// Its thread shares no module with user code: it has all that it needs in one file.
const raylet = await build({ ...bundling, entryPoints: ['lib/entry/raylet.ts'] });

/** What a file exports never changes: as plain values it is read faster than through two getters each. */
const plainExports =
  "module.exports = Object.defineProperty({ ...module.exports }, '__esModule', { value: true });";

/** Files can be shared as ES modules only; users get CommonJS, which both kinds of them can load. */
async function write({ path, text }) {
  const name = basename(path);
  const { code, map } = await transform(text, {
    ...common,
    format: 'cjs',
    sourcemap: 'external',
    sourcefile: name,
    banner: name === 'index.js' ? '"use strict"; require("./unbundled.js");' : '"use strict";',
    footer: plainExports,
  });
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, `${code}//# sourceMappingURL=${name}.map\n`);
  await writeFile(`${path}.map`, map);
}

await Promise.all([...shared.outputFiles, ...raylet.outputFiles].map(write));
