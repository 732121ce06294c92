// Where the migrations of a single-tenant application may be listed, and what each wrong entry says at start-up.
import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Test } from '@nestjs/testing';
import { TypeOrmModule } from '@nestjs/typeorm';
import type { MigrationInterface } from 'typeorm';
import { MemoryRegistry } from 'test-support/memory-registry.js';
import {
  loadTenantMigrations,
  type MigrationClass,
  readHistory,
  SchemaMigrator,
  singleTenantMigrations,
  tenantDataSourceOptions,
  type TenantDataSourceOptions,
  TenantModule,
  type TenantModuleOptions,
  TenantProvisioner,
} from '../../../src/index.js';
import { migration, useSingleTenant } from './single-tenant-support.js';

const single = useSingleTenant();

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'nts-migrations-'));
});

afterEach(() => rm(directory, { recursive: true, force: true }));

/** Writes a file that exports a migration, and returns its path. */
async function file(name: string, statement?: string): Promise<string> {
  const path = join(directory, name);
  const source =
    statement === undefined
      ? 'exports.helper = () => 1;'
      : `exports.${name.replace(/\..*/, '')} = class ${name.replace(/\..*/, '')} {
           async up(queryRunner) { await queryRunner.query(${JSON.stringify(statement)}); }
           async down() {}
         };`;
  await writeFile(path, source);
  return path;
}

async function namesOf(...list: Parameters<typeof loadTenantMigrations>): Promise<string[]> {
  return readHistory(await loadTenantMigrations(...list), 'TenantModule: tenantMigrations').map(
    ({ name }) => name,
  );
}

/** Starts an application on the database of the test. */
async function start(
  options: Partial<TenantModuleOptions>,
  more: Partial<TenantDataSourceOptions> = {},
): Promise<(schema: string) => Promise<void>> {
  const module = await Test.createTestingModule({
    imports: [
      TypeOrmModule.forRoot({
        ...tenantDataSourceOptions({ url: single.database.url, poolSize: 2, ...more }),
        retryAttempts: 1,
      }),
      TenantModule.forRoot({ registry: new MemoryRegistry(), ...options }),
    ],
  }).compile();
  await module.init();
  return async (schema) => {
    try {
      await module
        .get(TenantProvisioner)
        .create({ id: '00000000-0000-4000-8000-00000000000a', schema });
      expect(await module.get(SchemaMigrator).sharedStatus()).toMatchObject({ pending: [] });
    } finally {
      await module.close();
    }
  };
}

it('loads classes, paths and globs, ordered by timestamp', async () => {
  await file('B1700000000002.js', 'SELECT 1');
  await file('A1700000000003.js', 'SELECT 1');
  const path = await file('C1700000000001.cjs', 'SELECT 1');
  await appendFile(path, 'exports.helper = () => 1;');
  await writeFile(join(directory, 'A1700000000003.d.ts'), 'export {};');
  const list = [migration(1, 'SELECT 1'), `${directory}/*{.js,.ts}`, path];
  const names = ['C1700000000001', 'B1700000000002', 'A1700000000003', 'Step1700000001000'];
  expect(await namesOf(singleTenantMigrations(list), single.dataSource)).toEqual(names);
  const all = singleTenantMigrations({ glob: `${directory}/*.{js,cjs}` });
  expect(await namesOf([all], single.dataSource)).toEqual(names.slice(0, 3));
});

it('runs the migrations of the DataSource in tenants only, beside migrations of the engine', async () => {
  await file('CreateUser1700000000001.js', 'CREATE TABLE "public"."user" (id int)');
  const create = await start(
    {
      tenantMigrations: [
        singleTenantMigrations(),
        migration(1, 'ALTER TABLE "__tenant__"."user" ADD b int'),
      ],
    },
    { migrations: [`${directory}/*.js`] },
  );
  await create('one');
  expect(await single.tables()).toEqual(['one.user']);
});

it('refuses a DataSource that runs the same migrations by itself', async () => {
  const migrations = [migration(1, 'CREATE TABLE "public"."user" (id int)')];
  const more = { migrations, migrationsRun: true };
  await expect(start({ tenantMigrations: singleTenantMigrations() }, more)).rejects.toThrow(
    'tenantDataSourceOptions: migrationsRun must be false',
  );
  await expect(
    start({
      tenantMigrations: singleTenantMigrations(migrations),
      sharedMigrations: migrations,
    }),
  ).rejects.toThrow(
    'TenantModule: sharedMigrations must not repeat a migration of tenants (Step1700000001000)',
  );
  expect(await single.tables()).toEqual([]);
});

it('runs migrations of equal timestamps in the order of their list, as TypeORM does', async () => {
  const named = (name: string): new () => MigrationInterface =>
    class extends migration(1, 'SELECT 1') {
      override readonly name = name;
    };
  const history = singleTenantMigrations([named('B1700000000001'), named('A1700000000001')]);
  expect(await namesOf(history, single.dataSource)).toEqual(['B1700000000001', 'A1700000000001']);
  const repeated = singleTenantMigrations([named('B1700000000001'), named('B1700000000001')]);
  await expect(namesOf(repeated, single.dataSource)).rejects.toThrow(
    'TenantModule: tenantMigrations must not repeat a name (B1700000000001)',
  );
});

const WITH_PLACEHOLDER = class CreateNotes1700000000001 implements MigrationInterface {
  async up(queryRunner: { query(sql: string): Promise<unknown> }): Promise<void> {
    await queryRunner.query('CREATE TABLE "__tenant__".notes (id int)');
  }

  async down(): Promise<void> {}
};

const WITHOUT_TIMESTAMP = class CreateNotes implements MigrationInterface {
  async up(): Promise<void> {}
  async down(): Promise<void> {}
};

it.each<[string, () => unknown, string]>([
  ['an empty list', () => [], 'must list at least one migration'],
  ['an instance', () => [new WITHOUT_TIMESTAMP()], 'must list migrations: {} has no up()'],
  ['another class', () => [class Note {}], 'must list migrations: class Note has no up()'],
  ['a string', () => 'dist/*.js', 'must get a list of classes and globs, or { glob }'],
  ['a glob without files', () => ({ glob: 'no-such/*.js' }), 'matches "no-such/*.js" in /'],
  [
    'a migration of the engine',
    () => [WITH_PLACEHOLDER],
    'CreateNotes1700000000001 is written for tenants',
  ],
  ['a name without a timestamp', () => [WITHOUT_TIMESTAMP], 'end in a timestamp (got CreateNotes)'],
])('refuses %s at start-up', async (_, source, message) => {
  const started = (async () => {
    const tenantMigrations = singleTenantMigrations(source() as never);
    await start({ tenantMigrations });
  })();
  await expect(started).rejects.toThrow(message);
  await expect(started).rejects.toMatchObject({ code: 'OPTIONS_INVALID' });
});

it('refuses a file without a migration, and one that does not load', async () => {
  const history = singleTenantMigrations({ glob: `${directory}/*.js` });
  const helper = await file('helper.js');
  await expect(start({ tenantMigrations: history })).rejects.toThrow(
    `${helper} exports no class with up() and down()`,
  );
  const broken = join(directory, 'broken.js');
  await writeFile(broken, 'throw new Error("broken")');
  await expect(start({ tenantMigrations: singleTenantMigrations([broken]) })).rejects.toThrow(
    `${broken} failed with "broken"`,
  );
});

it('refuses a DataSource without migrations, and what is not a list of classes', async () => {
  await expect(start({ tenantMigrations: singleTenantMigrations() })).rejects.toThrow(
    'the DataSource has no option `migrations`',
  );
  const glob = ['dist/migrations/*.js'] as unknown as MigrationClass[];
  await expect(start({ tenantMigrations: glob })).rejects.toThrow(
    'TenantModule: tenantMigrations must be a list of migration classes. Load files with singleTenantMigrations',
  );
  const shared = singleTenantMigrations(['*.js']) as unknown as MigrationClass[];
  await expect(start({ sharedMigrations: shared })).rejects.toThrow(
    'TenantModule: sharedMigrations must be a list of migration classes.',
  );
});
