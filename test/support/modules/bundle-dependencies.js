// Bundles the packages that almost every spec loads into one file. Jest loads all modules of a spec again for each spec file, and
// that took a third of a run: Nest, TypeORM and their dependencies are 2,000 files.
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

const ROOT = join(import.meta.dirname, '../../..');
const CACHE = join(ROOT, 'node_modules/.cache/test-dependencies');

/** Packages in the bundle. All that import each other belong into it: a class must exist once. */
const BUNDLED =
  /^(?:typeorm|pg|rxjs|class-validator|class-transformer|nest-commander|@nestjs\/(?:common|core|jwt|platform-fastify|platform-express|swagger|terminus|testing|throttler|typeorm))(?:\/|$)/;

/** Dependencies that find files beside them, or that are addons. */
const EXTERNAL = [
  'typescript',
  'prettier',
  'swagger-ui-dist',
  '@fastify/static',
  'thread-stream',
  '@node-rs/argon2',
  'reflect-metadata',
  'pg-native',
];

/** Returns what sources and specs import of the bundled packages. */
function importedPaths() {
  const paths = new Set();
  for (const folder of ['src', 'test', 'packages']) {
    for (const name of readdirSync(join(ROOT, folder), { recursive: true })) {
      if (!/\.[cm]?[jt]s$/.test(name) || /(?:^|\/)(?:node_modules|dist)\//.test(name)) continue;
      const text = readFileSync(join(ROOT, folder, name), 'utf8');
      for (const [, path] of text.matchAll(/(?:from|import|require)\s*\(?\s*'([^'.][^']*)'/g)) {
        if (BUNDLED.test(path)) paths.add(path);
      }
    }
  }
  return [...paths].toSorted();
}

/** Leaves packages out that are not installed, such as other drivers of TypeORM: they fail when they are loaded, as without a bundle. */
const optionalPackages = {
  name: 'optional-packages',
  setup({ onResolve, resolve }) {
    onResolve({ filter: /^[^./]/ }, async ({ path, pluginData, ...from }) => {
      if (pluginData === 'asked') return undefined;
      const found = await resolve(path, { ...from, pluginData: 'asked' });
      return found.errors.length > 0 ? { path, external: true } : found;
    });
  },
};

/** Returns the folder of the bundle, which it makes if the packages or the imports have changed. */
export async function bundleDependencies() {
  const paths = importedPaths();
  const hash = createHash('sha256')
    .update(readFileSync(join(ROOT, 'package-lock.json')))
    .update(readFileSync(import.meta.filename))
    .update(paths.join())
    .digest('hex')
    .slice(0, 16);
  const folder = join(CACHE, hash);
  if (existsSync(folder)) return folder;
  const temporary = `${folder}.${process.pid}`;
  mkdirSync(temporary, { recursive: true });
  await build({
    stdin: {
      contents: paths
        .map((path) => `exports[${JSON.stringify(path)}] = () => require(${JSON.stringify(path)});`)
        .join('\n'),
      resolveDir: ROOT,
    },
    outfile: join(temporary, 'bundle.cjs'),
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    minifyWhitespace: true,
    // Names of classes are in messages, and are keys of Nest's container.
    keepNames: true,
    // Jest has no import() in CommonJS.
    supported: { 'dynamic-import': false },
    define: { 'import.meta.url': 'importMetaUrl', 'import.meta.resolve': 'require.resolve' },
    banner: { js: "const importMetaUrl = require('node:url').pathToFileURL(__filename).href;" },
    external: EXTERNAL,
    plugins: [optionalPackages],
    logLevel: 'error',
  });
  paths.forEach((path, place) => {
    writeFileSync(
      join(temporary, `${place}.cjs`),
      `module.exports = dependenciesOfTests(require)['${path}']();\n`,
    );
  });
  const index = Object.fromEntries(
    paths.map((path, place) => [path, join(folder, `${place}.cjs`)]),
  );
  writeFileSync(join(temporary, 'index.json'), JSON.stringify(index));
  rmSync(folder, { recursive: true, force: true });
  renameSync(temporary, folder);
  return folder;
}
