// Modules, DataSources and scripts that reach the schema public beside the application.
import type { SourceLine } from './source-files.js';
import { findWaysAroundTenants } from './ways-around-tenants.js';

const lines = (files: Record<string, string>): SourceLine[] =>
  Object.entries(files).flatMap(([file, text]) =>
    text.split('\n').map((line, index) => ({ file, line: index + 1, text: line.trim() })),
  );

/** The places and the beginnings of the changes. */
const found = (files: Record<string, string>, packageJson?: object, indent = 2): string[] =>
  findWaysAroundTenants(lines(files), packageJson && JSON.stringify(packageJson, null, indent)).map(
    ({ file, line, change }) => `${file}:${line} ${change}`,
  );

const ROOT = 'TypeOrmModule.forRootAsync({\nuseClass: TypeOrmConfigService,\n}),';
const MAIN = `${ROOT}\nTenantModule.forRoot({}),`;

it('lists each script that runs a command of TypeORM, with what replaces it', () => {
  const scripts = {
    start: 'nest start',
    typeorm: 'ts-node ./node_modules/typeorm/cli.js',
    'migration:generate': 'npm run typeorm -- --dataSource=src/data-source.ts migration:generate',
    'migration:create': 'npm run typeorm -- migration:create',
    'migration:run': 'npm run typeorm -- --dataSource=src/data-source.ts migration:run',
    'migration:revert': 'typeorm-ts-node-esm migration:revert -d src/data-source.ts',
    'db:reset': 'npm run schema:drop && npm run migration:run && npm run schema:sync',
    'db:status': 'typeorm migration:show',
    deploy: 'tenant-schemas migrate-schemas',
    other: 'knex my-migration:run:all',
  };
  expect(found({}, { name: 'db:status', scripts })).toEqual([
    'package.json:6 Script migration:generate runs migration:generate of TypeORM. Instead, run: tenant-schemas generate-migration <Name>',
    'package.json:8 Script migration:run runs migration:run of TypeORM. Instead, run: tenant-schemas migrate-schemas',
    'package.json:9 Script migration:revert runs migration:revert of TypeORM. Instead, run: tenant-schemas revert-schemas --all',
    'package.json:10 Script db:reset runs schema:drop of TypeORM. Remove it. It drops all tables of public, also the table of the tenants',
    'package.json:10 Script db:reset runs migration:run of TypeORM. Instead, run: tenant-schemas migrate-schemas',
    'package.json:10 Script db:reset runs schema:sync of TypeORM. Remove it. It creates the tables of tenants in public',
    'package.json:11 Script db:status runs migration:show of TypeORM. Instead, run: tenant-schemas migrations-status',
  ]);
});

it('lists scripts of a file with one line, and none of a file without scripts', () => {
  expect(found({}, { scripts: { run: 'typeorm migration:run' } }, 0)).toEqual([
    expect.stringMatching(/^package\.json:1 Script run runs migration:run/),
  ]);
  expect(found({}, {})).toEqual([]);
  expect(found({})).toEqual([]);
});

it.each([
  ['before the change', { 'app.module.ts': ROOT, 'seeds/seed.module.ts': ROOT }],
  ['after the change', { 'app.module.ts': MAIN, 'a-seeds/seed.module.ts': ROOT }],
])('lists another module with a DataSource, %s', (_case, files) => {
  expect(found(files)).toEqual([expect.stringMatching(/seed\.module\.ts:1 If a script starts/)]);
});

it.each([
  ['one module', { 'app.module.ts': MAIN }],
  ['a module of the DataSource only', { 'db.ts': ROOT, 'app.ts': 'TenantModule.forRoot({}),' }],
  ['two modules with tenants', { 'app.ts': MAIN, 'seed.ts': MAIN }],
  [
    'another DataSource',
    { 'app.ts': MAIN, 'b.ts': "TypeOrmModule.forRoot({\nhost: env('A'),\nname: 'old',\n})" },
  ],
])('lists no module for %s', (_case, files: Record<string, string>) => {
  expect(found(files)).toEqual([]);
});

it("lists the DataSource of TypeORM's command line", () => {
  const file = 'export const AppDataSource = new DataSource({';
  expect(found({ 'app.ts': MAIN, 'data-source.ts': file })).toEqual([
    expect.stringMatching(/^data-source\.ts:1 Use createTenantDataSource\(/),
  ]);
});

it.each([
  ['of a module', `${MAIN}\ndataSourceFactory: (options) => new DataSource(options).initialize(),`],
  ['with tenants', 'new DataSource(tenantDataSourceOptions({}));'],
  ['of a test', 'createTenantDataSource({});'],
])('lists no DataSource %s', (_case, source) => {
  expect(found({ 'app.ts': source })).toEqual([]);
});
