// Writes the packages' manifests and changes the root's: versions are those of the root, whatever they are by then.
import { readFileSync, writeFileSync } from 'node:fs';

const root = JSON.parse(readFileSync('package.json', 'utf8'));
const write = (path, value) => writeFileSync(path, `${JSON.stringify(value, null, 2)}\n`);
const sorted = (object) =>
  Object.fromEntries(Object.entries(object).toSorted(([a], [b]) => (a < b ? -1 : 1)));
const pick = (...names) =>
  Object.fromEntries(
    names.map((name) => [name, root.dependencies[name] ?? root.devDependencies[name]]),
  );
const { version, license, engines } = root;

write('packages/nest-tenant-schemas/package.json', {
  name: 'nest-tenant-schemas',
  version,
  description: root.description,
  license,
  private: true,
  type: 'module',
  engines,
  exports: {
    '.': {
      'workspace-source': './src/index.ts',
      types: './dist/index.d.ts',
      default: './dist/index.js',
    },
    './package.json': './package.json',
  },
  files: ['dist'],

  dependencies: pick('lru-cache'),
  peerDependencies: pick(
    '@nestjs/common',
    '@nestjs/core',
    '@nestjs/typeorm',
    'pg',
    'reflect-metadata',
    'rxjs',
    'typeorm',
  ),
  devDependencies: { 'test-support': '*' },
});
write('packages/embedded-postgres-server/package.json', {
  name: 'embedded-postgres-server',
  version: '0.0.0',
  description:
    'One embedded PostgreSQL for the processes that share a data directory: the first starts it, the last stops it.',
  license,
  private: true,
  type: 'module',
  engines,
  exports: Object.fromEntries(
    [
      ['.', 'index'],
      ['./private-file', 'private-file'],
    ].map(([entry, file]) => [
      entry,
      {
        'workspace-source': `./src/${file}.ts`,
        types: `./dist/${file}.d.ts`,
        default: `./dist/${file}.js`,
      },
    ]),
  ),

  dependencies: pick('embedded-postgres', 'pg'),
  devDependencies: { 'test-support': '*' },
});
write('packages/test-support/package.json', {
  name: 'test-support',
  version: '0.0.0',
  description:
    'What the specs of all packages share: servers, databases, proxies. Never built: read as it stands.',
  license,
  private: true,
  type: 'module',
  exports: { './*.js': './src/*.ts' },
  dependencies: { 'embedded-postgres-server': '*', 'nest-tenant-schemas': version, ...pick('pg') },
});

const { 'embedded-postgres': _, ...dependencies } = root.dependencies;
const SWC = 'node --import @swc-node/register/esm-register';
const changed = {
  ...root,
  name: 'nest-tenant-schemas-polls',
  description: 'Polls for many tenants: the application around nest-tenant-schemas.',
  dependencies: sorted({
    ...dependencies,
    'embedded-postgres-server': '*',
    'nest-tenant-schemas': version,
  }),
  devDependencies: sorted({ ...root.devDependencies, 'test-support': '*' }),
};
for (const [name, script] of Object.entries(root.scripts)) {
  changed.scripts[name] = script.replaceAll(SWC, SWC.replace('node', 'node -C workspace-source'));
}
changed.scripts.build = 'node scripts/build-packages.js && nest build';
// `workspaces` after `private`, as a reader expects it.
const { name, version: v, description, license: l, private: p, ...rest } = changed;
write('package.json', {
  name,
  version: v,
  description,
  license: l,
  private: p,
  workspaces: ['packages/*'],
  ...rest,
});
