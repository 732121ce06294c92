// Migrating schemas: one transaction for each migration under the schema's own lock; a failure stays in its
// schema, and a second run does only what is missing.
import type { DataSource } from 'typeorm';
import {
  type FleetOptions,
  MIGRATIONS_TABLE,
  type MigrationClass,
  type MigrationResult,
  SchemaAheadError,
} from 'nest-tenant-schemas';
import { migrationsFingerprint } from '../../../packages/nest-tenant-schemas/src/core/migrations-fingerprint.js';
import type { TestDatabase } from 'test-support/test-database.js';
import { untilAllIdle } from '../../../packages/nest-tenant-schemas/test/tenancy/support.js';
import { migration, newClient, openSchemas, schemasOf } from '../support.js';

const ONE = migration(1, 'CREATE TABLE "__tenant__".things (id int)');
const TWO = migration(2, 'ALTER TABLE "__tenant__".things ADD COLUMN two int');
const THREE = migration(
  3,
  'ALTER TABLE "__tenant__".things ADD COLUMN three int',
  'CREATE TABLE "__tenant__".more (id int)',
);
const STEP = (second: number): string => `Step${1_700_000_000_000 + second * 1000}`;

let database: TestDatabase;
let dataSource: DataSource;

beforeEach(async () => {
  ({ database, dataSource } = await openSchemas());
  const { provisioner } = schemasOf(dataSource, [ONE]);
  for (const schema of ['red', 'green', 'blue']) await provisioner.create(newClient(schema));
});

afterEach(async () => {
  await untilAllIdle(dataSource);
  await dataSource.destroy();
  await database.drop();
});

/** Migrates everything, and returns the results by schema, the shared one first. */
async function migrateAll(
  history: readonly MigrationClass[],
  options: FleetOptions = {},
): Promise<MigrationResult[]> {
  return collect(schemasOf(dataSource, history).migrator.migrateAll({}, options));
}

async function collect(run: AsyncIterable<MigrationResult>): Promise<MigrationResult[]> {
  const results: MigrationResult[] = [];
  for await (const result of run) results.push(result);
  const rank = ({ schema }: MigrationResult): string => (schema === 'public' ? '' : schema);
  return results.toSorted((one, two) => rank(one).localeCompare(rank(two)));
}

async function recorded(schema: string): Promise<string[]> {
  const rows = await database.sql<{ name: string }>(
    `SELECT name FROM ${schema}.${MIGRATIONS_TABLE} ORDER BY position`,
  );
  return rows.map(({ name }) => name);
}

it('applies what is missing, in order, the shared schema first, and then nothing', async () => {
  // Listed out of order: timestamps decide.
  const results = await migrateAll([THREE, ONE, TWO]);
  expect(results.map(({ schema, status, versions }) => [schema, status, versions])).toEqual([
    ['public', 'skipped', []],
    ['blue', 'applied', [STEP(2), STEP(3)]],
    ['green', 'applied', [STEP(2), STEP(3)]],
    ['red', 'applied', [STEP(2), STEP(3)]],
  ]);
  expect(await recorded('red')).toEqual([STEP(1), STEP(2), STEP(3)]);
  expect(await database.sql('SELECT id, two, three FROM red.things')).toEqual([]);

  const again = await migrateAll([ONE, TWO, THREE]);
  expect(again.map(({ status }) => status)).toEqual(['skipped', 'skipped', 'skipped', 'skipped']);
});

it("writes the migrations table's fingerprint as its comment with each migration", async () => {
  await migrateAll([ONE, TWO]);
  expect(
    await database.sql(
      `SELECT obj_description('red.${MIGRATIONS_TABLE}'::regclass, 'pg_class') AS comment`,
    ),
  ).toEqual([{ comment: migrationsFingerprint([STEP(1), STEP(2)]) }]);
});

it('keeps a failure in its schema: the others go on, and it stays before the migration that failed', async () => {
  await database.sql('CREATE TABLE green.more (theirs int)');
  const results = await migrateAll([ONE, TWO, THREE]);
  expect(results.map(({ schema, status, versions }) => [schema, status, versions])).toEqual([
    ['public', 'skipped', []],
    ['blue', 'applied', [STEP(2), STEP(3)]],
    ['green', 'failed', [STEP(2)]],
    ['red', 'applied', [STEP(2), STEP(3)]],
  ]);
  expect(results[2]?.error).toMatchObject({ code: 'MIGRATION_FAILED', migration: STEP(3) });
  expect(results[2]?.error?.message).toContain('relation "more" already exists');
  expect(await recorded('green')).toEqual([STEP(1), STEP(2)]);
  await expect(database.sql('SELECT three FROM green.things')).rejects.toThrow('does not exist');

  await database.sql('DROP TABLE green.more');
  const again = await migrateAll([ONE, TWO, THREE]);
  expect(again.map(({ schema, versions }) => [schema, versions])).toEqual([
    ['public', []],
    ['blue', []],
    ['green', [STEP(3)]],
    ['red', []],
  ]);
});

it('lets two runs at once both succeed, and runs nothing twice', async () => {
  const runs = await Promise.all([migrateAll([ONE, TWO, THREE]), migrateAll([ONE, TWO, THREE])]);
  const versions = (schema: string): string[] =>
    runs
      .flat()
      .filter((result) => result.schema === schema)
      .flatMap((result) => result.versions)
      .toSorted();
  expect(runs.flat().filter(({ status }) => status === 'failed')).toEqual([]);
  for (const schema of ['red', 'green', 'blue']) {
    expect(versions(schema)).toEqual([STEP(2), STEP(3)]);
    expect(await recorded(schema)).toEqual([STEP(1), STEP(2), STEP(3)]);
  }
});

it('uses an enum value in the migration behind the one that added it', async () => {
  const results = await migrateAll([
    ONE,
    migration(4, `CREATE TYPE "__tenant__".mood AS ENUM ('calm')`),
    migration(5, `ALTER TYPE "__tenant__".mood ADD VALUE 'merry'`),
    migration(
      6,
      `ALTER TABLE "__tenant__".things ADD COLUMN mood "__tenant__".mood DEFAULT 'merry'`,
    ),
  ]);
  expect(results.map(({ error }) => error?.message)).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
  expect(await database.sql('INSERT INTO red.things DEFAULT VALUES RETURNING mood')).toEqual([
    { mood: 'merry' },
  ]);
});

it('refuses a schema that newer code has migrated, and touches nothing in it', async () => {
  await migrateAll([ONE, TWO]);
  const results = await migrateAll([ONE, THREE]);
  expect(results.map(({ schema, status }) => [schema, status])).toEqual([
    ['public', 'skipped'],
    ['blue', 'failed'],
    ['green', 'failed'],
    ['red', 'failed'],
  ]);
  expect(results[1]?.error).toBeInstanceOf(SchemaAheadError);
  expect(results[1]?.error).toMatchObject({ unknownMigrations: [STEP(2)] });
  expect(await recorded('red')).toEqual([STEP(1), STEP(2)]);
});

it('does not go on to tenants when the shared schema fails', async () => {
  const { migrator } = schemasOf(dataSource, [ONE, TWO], [migration(9, 'SELECT nonsense')]);
  const results = await collect(migrator.migrateAll());
  expect(results.map(({ schema, status }) => [schema, status])).toEqual([['public', 'failed']]);
  expect(await recorded('red')).toEqual([STEP(1)]);
});

it('reports a tenant with a missing schema, and continues', async () => {
  await database.sql('DROP SCHEMA green CASCADE');
  const results = await migrateAll([ONE, TWO]);
  expect(results.map(({ schema, status }) => [schema, status])).toEqual([
    ['public', 'skipped'],
    ['blue', 'applied'],
    ['green', 'failed'],
    ['red', 'applied'],
  ]);
});
