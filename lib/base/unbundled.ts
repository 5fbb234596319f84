/**
 * Loaded before all else: in an ES module that a bundler has put rayx into, nothing of Node can be
 * required, and nobody would guess why from what the bundler's stand-in for `require` says. A plain
 * error, since rayx's own need Node too.
 */
try {
  require('node:util');
} catch (cause) {
  throw new Error(
    'rayx cannot be bundled into an ES module: mark it as external in the bundler ' +
      '(esbuild: --external:rayx) and install it as a package',
    { cause },
  );
}
