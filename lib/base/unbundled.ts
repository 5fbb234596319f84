/**
 * Loaded before all else, as a file of its own: where a bundler has put it into another, the threads
 * find no file to start with, and in an ES module nothing of Node can be required. Nobody would guess
 * why from what is said then. A plain error, since rayx's own need Node too.
 */
if (typeof __filename !== 'string' || !/[\\/]unbundled\.js$/.test(__filename)) {
  throw new Error(
    'rayx cannot be bundled into another file: mark it as external in the bundler ' +
      '(esbuild: --external:rayx) and install it as a package',
  );
}
