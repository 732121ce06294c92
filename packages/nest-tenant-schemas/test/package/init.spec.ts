// The command init of the built package, in an application that has no tenants yet and in the same one with tenants.
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createTestDatabase, type TestDatabase } from 'test-support/test-database.js';

const ROOT = join(__dirname, '../../../..');
const BIN = join(ROOT, 'packages/nest-tenant-schemas/dist/esm/commands/bin/tenant-schemas.js');

const CODE = `
const { Module } = require('@nestjs/common');
const { TypeOrmModule } = require('@nestjs/typeorm');
const { EntitySchema } = require('typeorm');
const { singleTenantMigrations, TenantModule, tenantDataSourceOptions } = require('nest-tenant-schemas');
class CreateNote1700000001000 {
  async up(queryRunner) {
    await queryRunner.query('CREATE TABLE "public"."note" (id SERIAL PRIMARY KEY, text text)');
    await queryRunner.query('CREATE TABLE "public"."poll" (id int)');
  }
  async down() {}
}
class CreateTag1700000002000 {
  async up(queryRunner) {
    await queryRunner.query('CREATE TABLE "public"."tag" (id int)');
  }
  async down() {}
}
const Note = new EntitySchema({
  name: 'Note',
  tableName: 'note',
  columns: { id: { type: Number, primary: true }, text: { type: 'citext' } },
});
const options = { type: 'postgres', url: process.env.DATABASE_URL, migrations: [CreateNote1700000001000] };
class AppModule {}`;

const FILES = {
  // It would install an extension, drop the database and create its tables, if its DataSource did at the command what it does
  // at its start.
  'single.cjs': `${CODE}
    const changes = { extra: { options: '-c search_path=public' }, dropSchema: true, synchronize: true };
    Module({ imports: [TypeOrmModule.forRoot({ ...options, ...changes, entities: [Note] })] })(AppModule);
    module.exports = { AppModule };`,
  'multi.cjs': `${CODE}
    Module({ imports: [
      TypeOrmModule.forRoot(tenantDataSourceOptions(options)),
      TenantModule.forRoot({ tenantMigrations: singleTenantMigrations() }),
    ] })(AppModule);
    module.exports = { AppModule };`,
  // Its DataSource is not wrapped, and the module notices that only when the DataSource has connected.
  'half.cjs': `${CODE}
    const changes = { dropSchema: true, synchronize: true };
    Module({ imports: [
      TypeOrmModule.forRoot({ ...options, ...changes, entities: [Note] }),
      TenantModule.forRoot({ tenantMigrations: singleTenantMigrations() }),
    ] })(AppModule);
    module.exports = { AppModule };`,
  'none.cjs': 'class AppModule {} module.exports = { AppModule };',
  'src/app.module.ts': `import { Module } from '@nestjs/common';
@Module({
  imports: [
    TypeOrmModule.forRoot({
      type: 'postgres',
      synchronize: true,
    }),
  ],
})
export class AppModule {}
`,
  'src/country.entity.ts': `@Entity()\nexport class Note {}\n`,
  'src/data-source.ts': `export const AppDataSource = new DataSource({ type: 'postgres' });\n`,
  'ormconfig.ts': `export default new DataSource({ type: 'postgres' });\n`,
  'jest.config.js': `module.exports = { synchronize: true };\n`,
  'src/seeds/seed.module.ts': `@Module({\n  imports: [TypeOrmModule.forRoot(options)],\n})\n`,
  'package.json': `{
  "scripts": {
    "migration:run": "typeorm migration:run -d dist/data-source.js",
    "schema:drop": "typeorm schema:drop -d dist/data-source.js"
  }
}
`,
  // The DataSource of TypeORM's command line: as before the adoption, and with the guard.
  'before.cjs': `${CODE} const { DataSource } = require('typeorm');
    exports.default = new DataSource({ ...options, schema: 'public', migrations: [CreateNote1700000001000, CreateTag1700000002000] });`,
  'guarded.cjs': `${CODE} const { createTenantDataSource } = require('nest-tenant-schemas');
    exports.default = createTenantDataSource({ ...options, migrations: [CreateNote1700000001000, CreateTag1700000002000] });`,
};

let database: TestDatabase;
let folder: string;

beforeAll(async () => {
  database = await createTestDatabase();
  await database.sql(
    `CREATE TABLE public.note (id SERIAL PRIMARY KEY, text text);
     INSERT INTO public.note (text) VALUES ('kept');
     CREATE TABLE public.poll (id int);
     CREATE TABLE public.migrations (id SERIAL PRIMARY KEY, "timestamp" bigint NOT NULL, name varchar NOT NULL);
     INSERT INTO public.migrations ("timestamp", name) VALUES (1700000001000, 'CreateNote1700000001000')`,
  );
  const cache = join(ROOT, 'node_modules/.cache');
  await mkdir(cache, { recursive: true });
  folder = await mkdtemp(join(cache, 'init-'));
  await mkdir(join(folder, 'src/seeds'), { recursive: true });
  for (const [name, source] of Object.entries(FILES)) await writeFile(join(folder, name), source);
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
  await database.drop();
});

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function run(app: string, ...args: string[]): Promise<Ended> {
  const env = { ...process.env, DATABASE_URL: database.url };
  const words = [BIN, '--app', app, ...args];
  return promisify(execFile)(process.execPath, words, { cwd: folder, env }).then(
    (ended) => ({ code: 0, ...ended }),
    (ended: Ended) => ended,
  );
}

const TYPEORM = join(ROOT, 'node_modules/typeorm/cli.js');

/** Runs TypeORM's command line. */
async function typeorm(command: string, dataSource: string): Promise<Ended> {
  const env = { ...process.env, DATABASE_URL: database.url };
  const words = [TYPEORM, command, '-d', dataSource];
  return promisify(execFile)(process.execPath, words, { cwd: folder, env }).then(
    (ended) => ({ code: 0, ...ended }),
    (ended: Ended) => ended,
  );
}

const notesIn = (schema: string): Promise<unknown[]> =>
  database.sql(`SELECT text FROM ${schema}.note`);

it('prints what to change in an application without tenants, and changes nothing', async () => {
  const { code, stdout, stderr } = await run('single.cjs', 'init', '--shared', 'public.note');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toBe(`Change in the source:
  src/app.module.ts:4: TypeOrmModule.forRoot({
    Wrap the options: TypeOrmModule.forRoot(tenantDataSourceOptions({ … }))
  src/app.module.ts:6: synchronize: true,
    synchronize must be false in every environment: it changes the whole database. Instead, run: tenant-schemas migrate-schemas
  dropSchema must be false in every environment: it changes the whole database. Instead, let tests call createTestTenant() of nest-tenant-schemas/testing
  src/app.module.ts:4: TypeOrmModule.forRoot({
    Add to the imports, after TypeOrmModule: TenantModule.forRoot({ tenantMigrations: singleTenantMigrations() })
  src/country.entity.ts:1: @Entity()
    Share the table with all tenants: @Entity({ name: 'note', schema: 'public' })
  src/seeds/seed.module.ts:2: imports: [TypeOrmModule.forRoot(options)],
    If a script starts this module, for example to seed, let it start the module with TenantModule instead. Otherwise the script works on public, and not on the tenants
  src/data-source.ts:1: export const AppDataSource = new DataSource({ type: 'postgres' });
    Use createTenantDataSource({ … }) if this is the DataSource of TypeORM's command line. Its commands then fail, instead of changing public
  before.cjs:26: exports.default = new DataSource({ ...options, schema: 'public', migrations: [CreateNote1700000001000, CreateTag1700000002000] });
    Use createTenantDataSource({ … }) if this is the DataSource of TypeORM's command line. Its commands then fail, instead of changing public
  ormconfig.ts:1: export default new DataSource({ type: 'postgres' });
    Use createTenantDataSource({ … }) if this is the DataSource of TypeORM's command line. Its commands then fail, instead of changing public
  package.json:3: "migration:run": "typeorm migration:run -d dist/data-source.js",
    Script migration:run runs migration:run of TypeORM. Instead, run: tenant-schemas migrate-schemas
  package.json:4: "schema:drop": "typeorm schema:drop -d dist/data-source.js"
    Script schema:drop runs schema:drop of TypeORM. Remove it. It drops all tables of public, also the table of the tenants

Moves to the schema of the first tenant:
  table public.poll

Stays in public:
  table public.note: it is shared
  table public.migrations: it is TypeORM's migrations table, whose rows are copied

Prevents the adoption:
  nothing

Next, stop the application and run: tenant-schemas init --apply --name '<name>'
`);
  expect(await notesIn('public')).toEqual([{ text: 'kept' }]);
  expect(await database.sql(`SELECT FROM pg_extension WHERE extname = 'citext'`)).toEqual([]);
});

it.each([
  ['single.cjs', 2, 'The application does not import TenantModule.'],
  ['half.cjs', 1, 'tenantDataSourceOptions'],
])('rejects other commands in %s, and changes nothing', async (app, code, problem) => {
  expect(await run(app, 'migrations-status')).toMatchObject({
    code,
    stdout: '',
    stderr: expect.stringContaining(problem),
  });
  expect(await notesIn('public')).toEqual([{ text: 'kept' }]);
});

it('exits 1 with the plan if an object prevents the adoption', async () => {
  await database.sql(
    'CREATE SCHEMA reports; CREATE VIEW reports.notes AS SELECT id FROM public.note',
  );
  try {
    const planned = await run('single.cjs', 'init', '--json');
    expect(planned).toMatchObject({ code: 1, stderr: '1 object prevents the adoption.\n' });
    expect(JSON.parse(planned.stdout)).toMatchObject({
      schema: 'first_tenant',
      changes: expect.any(Array),
      moves: [{ what: 'table public.note' }, { what: 'table public.poll' }],
      stays: [{ what: 'table public.migrations' }],
      obstacles: [{ what: 'view reports.notes' }],
    });
    const applied = await run('multi.cjs', 'init', '--apply', '--name', 'Acme');
    expect(applied).toMatchObject({ code: 1, stdout: '' });
    expect(applied.stderr).toContain(
      'view reports.notes: it needs table public.note. Drop view reports.notes, or',
    );
    expect(await notesIn('public')).toEqual([{ text: 'kept' }]);
  } finally {
    await database.sql('DROP SCHEMA reports CASCADE');
  }
});

it('adopts the tables of public, after which other commands find nothing to do, and undoes it', async () => {
  const applied = await run('multi.cjs', 'init', '--apply', '--name', 'Acme & Söhne');
  expect(applied).toMatchObject({ code: 0, stderr: '' });
  expect(applied.stdout).toMatch(
    /^Adopted the tables of public as tenant "Acme & Söhne" in schema acme_sohne\.\n {2}id {2}\S+\nUndo it with: /,
  );
  expect(await notesIn('acme_sohne')).toEqual([{ text: 'kept' }]);
  expect(await run('multi.cjs', 'migrations-status')).toMatchObject({ code: 0 });
  expect(await run('multi.cjs', 'doctor')).toMatchObject({
    code: 0,
    stdout: 'No problems found.\n',
  });
  const again = await run('multi.cjs', 'init', '--apply', '--name', 'Again');
  expect(again).toMatchObject({ code: 1, stdout: '' });
  expect(again.stderr).toContain('schema public: it has no table to adopt.');
  expect(await run('multi.cjs', 'create-tenant', '--name', 'Two')).toMatchObject({ code: 0 });

  // A revert and a drop would be worse, and the guard rejects them too.
  for (const command of ['migration:run', 'migration:revert', 'schema:drop', 'schema:sync']) {
    const refused = await typeorm(command, 'guarded.cjs');
    expect(refused.code).toBe(1);
    expect(refused.stdout + refused.stderr).toContain('OperationRefusedError');
  }
  expect(await run('multi.cjs', 'doctor')).toMatchObject({ code: 0 });

  const ran = await typeorm('migration:run', 'before.cjs');
  expect(ran).toMatchObject({ code: 0 });
  const examined = await run('multi.cjs', 'doctor');
  expect(examined).toMatchObject({ code: 1, stderr: '1 problem in public.\n' });
  expect(examined.stdout).toBe(
    'public: MIGRATED_BY_TYPEORM: TypeORM ran 1 migration in public, and not in the tenants: CreateTag1700000002000. ' +
      'Its table public.migrations records that.\n' +
      '  Drop what it created in public, and then: DELETE FROM public."migrations" WHERE name IN (\'CreateTag1700000002000\'). ' +
      'For the tenants, run: tenant-schemas migrate-schemas. Do not run migrations with TypeORM\n',
  );
  await database.sql(
    "DROP TABLE public.tag; DELETE FROM public.migrations WHERE name = 'CreateTag1700000002000'",
  );
  expect(await run('multi.cjs', 'doctor')).toMatchObject({ code: 0 });

  const undone = await run('multi.cjs', 'init', '--undo', '--schema', 'acme_sohne', '--json');
  expect(undone).toMatchObject({ code: 0, stderr: '' });
  expect(JSON.parse(undone.stdout)).toMatchObject({ name: 'Acme & Söhne', schema: 'acme_sohne' });
  expect(await notesIn('public')).toEqual([{ text: 'kept' }]);
});

it.each([
  ['none.cjs', ['init'], 'Import TypeOrmModule.forRoot('],
  [
    'single.cjs',
    ['init', '--apply', '--name', 'A'],
    'The application does not import TenantModule yet.',
  ],
  ['multi.cjs', ['init', '--apply'], 'The first tenant needs a name: --name <name>.'],
  ['multi.cjs', ['init', '--apply', '--undo'], 'Give either --apply or --undo, not both.'],
  ['multi.cjs', ['init', '--undo'], 'Name the schema of the tenant: --schema <schema>.'],
  ['multi.cjs', ['init', '--undo', '--schema', 'none'], 'No tenant has the schema none.'],
  ['multi.cjs', ['init', '--schema', 'A'], '--schema must start with a letter'],
  ['multi.cjs', ['init', '--source', 'none'], '--source none does not exist.'],
])('rejects %s %j with what to do', async (app, args, problem) => {
  const ended = await run(app, ...args);
  expect(ended).toMatchObject({ code: 2, stdout: '' });
  expect(ended.stderr).toContain(problem);
});
