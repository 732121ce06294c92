// Migrations with `transaction = false`: run outside a transaction and once, marked while they are half done,
// and run again after a failure; a new schema gets each in a transaction.
import pg from 'pg';
import type { DataSource, QueryRunner } from 'typeorm';
import { MIGRATIONS_TABLE, type MigrationResult, type TenantMigration } from 'nest-tenant-schemas';
import { until } from 'test-support/poll.js';
import { beforeStatements } from '../../support/sent-statements.js';
import type { TestDatabase } from 'test-support/test-database.js';
import { newClient, openSchemas, type Schemas, schemasOf } from '../support.js';

class MakeThings1700000001000 implements TenantMigration {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('CREATE TABLE "__tenant__".things (id int)');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE "__tenant__".things');
  }
}

class AddIndex1700000002000 implements TenantMigration {
  transaction = false;

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP INDEX CONCURRENTLY IF EXISTS "__tenant__".things_id`);
    await queryRunner.query(
      'CREATE UNIQUE INDEX CONCURRENTLY things_id ON "__tenant__".things (id)',
    );
  }

  async upInNewSchema(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('CREATE UNIQUE INDEX things_id ON "__tenant__".things (id)');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP INDEX CONCURRENTLY "__tenant__".things_id');
  }
}

const FIRST = MakeThings1700000001000.name;
const NAME = AddIndex1700000002000.name;

let database: TestDatabase;
let dataSource: DataSource;
let schemas: Schemas;

beforeEach(async () => {
  ({ database, dataSource } = await openSchemas());
  await schemasOf(dataSource, [MakeThings1700000001000]).provisioner.create(newClient('acme'));
  schemas = schemasOf(dataSource, [MakeThings1700000001000, AddIndex1700000002000]);
});

afterEach(async () => {
  jest.restoreAllMocks();
  await dataSource.destroy();
  await database.drop();
});

async function run(results: AsyncIterable<MigrationResult>): Promise<MigrationResult[]> {
  const all: MigrationResult[] = [];
  for await (const result of results) all.push(result);
  return all;
}

const recorded = (): Promise<unknown[]> =>
  database.sql(
    `SELECT name, applied_at IS NOT NULL AS done FROM acme.${MIGRATIONS_TABLE} ORDER BY position`,
  );

const indexes = (schema: string): Promise<unknown[]> =>
  database.sql(`SELECT indisvalid AS valid FROM pg_index WHERE indexrelid = to_regclass($1)`, [
    `${schema}.things_id`,
  ]);

it('runs them outside a transaction, and takes them back so', async () => {
  const [applied] = await run(schemas.migrator.migrateAll({ tenants: true }));
  expect(applied).toMatchObject({ status: 'applied', versions: [NAME] });
  expect(await indexes('acme')).toEqual([{ valid: true }]);
  const [reverted] = await run(schemas.migrator.revertAll({ schemas: ['acme'] }, 1));
  expect(reverted).toMatchObject({ status: 'reverted', versions: [NAME] });
  expect(await indexes('acme')).toEqual([]);
  expect(await recorded()).toEqual([{ name: FIRST, done: true }]);
});

it('marks one that failed as half done, and does it again in the next run', async () => {
  await database.sql('INSERT INTO acme.things VALUES (1), (1)');
  const [failed] = await run(schemas.migrator.migrateAll({ tenants: true }));
  expect(failed).toMatchObject({
    status: 'failed',
    error: { state: 'half done', migration: NAME },
  });
  expect(await recorded()).toEqual([
    { name: FIRST, done: true },
    { name: NAME, done: false },
  ]);
  expect(await indexes('acme')).toEqual([{ valid: false }]);

  await database.sql('DELETE FROM acme.things');
  const [again] = await run(schemas.migrator.migrateAll({ tenants: true }));
  expect(again).toMatchObject({ status: 'applied', versions: [NAME] });
  expect(await indexes('acme')).toEqual([{ valid: true }]);
  expect((await recorded()).at(-1)).toEqual({ name: NAME, done: true });
});

it('lets two runs at once both succeed, and runs them once', async () => {
  const runs = await Promise.all([
    run(schemas.migrator.migrateAll({ tenants: true })),
    run(schemas.migrator.migrateAll({ tenants: true })),
  ]);
  expect(runs.flat().map(({ status }) => status)).not.toContain('failed');
  expect(runs.flat().flatMap(({ versions }) => versions)).toEqual([NAME]);
});

it('does not do again what another run records after this one has read the migrations table', async () => {
  const isRecorded = async (): Promise<boolean> => {
    const [row] = await database.sql<{ holds: boolean }>(
      `SELECT EXISTS (SELECT FROM acme.${MIGRATIONS_TABLE} WHERE name = $1 AND applied_at IS NOT NULL)
         OR EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'advisory') AS holds`,
      [NAME],
    );
    return row?.holds === true;
  };
  let begun = 0;
  beforeStatements(/\(name, applied_at\)|DROP INDEX/, async (text) => {
    if (text.includes('DROP INDEX')) return until('the second run begins', () => begun === 2);
    begun += 1;
    if (begun === 2) await until('the first run records it, or waits for the second', isRecorded);
    return undefined;
  });
  const runs = await Promise.all([
    run(schemas.migrator.migrateAll({ tenants: true })),
    run(schemas.migrator.migrateAll({ tenants: true })),
  ]);
  expect(begun).toBe(2);
  expect(runs.flat().map(({ status }) => status)).not.toContain('failed');
  expect(runs.flat().flatMap(({ versions }) => versions)).toEqual([NAME]);
});

it('reverts an incomplete migration before the one that it depends on', async () => {
  await database.sql('INSERT INTO acme.things VALUES (1), (1)');
  await run(schemas.migrator.migrateAll({ tenants: true }));
  expect(await indexes('acme')).toEqual([{ valid: false }]);
  const [reverted] = await run(schemas.migrator.revertAll({ schemas: ['acme'] }, 1));
  expect(reverted).toMatchObject({ status: 'reverted', versions: [NAME] });
  expect(await indexes('acme')).toEqual([]);
  expect(await recorded()).toEqual([{ name: FIRST, done: true }]);
  expect(await database.sql('SELECT count(*)::int AS kept FROM acme.things')).toEqual([
    { kept: 2 },
  ]);
});

it('does a revert that broke off again in the next one, and applies it again in the next run of all', async () => {
  await run(schemas.migrator.migrateAll({ tenants: true }));
  await database.sql('DROP INDEX acme.things_id');
  const revert = (): Promise<MigrationResult[]> =>
    run(schemas.migrator.revertAll({ schemas: ['acme'] }, 1));
  for (let attempt = 0; attempt < 2; attempt++) {
    expect(await revert()).toMatchObject([
      { status: 'failed', error: { state: 'half done', migration: NAME } },
    ]);
    expect((await recorded()).at(-1)).toEqual({ name: NAME, done: false });
  }
  const [again] = await run(schemas.migrator.migrateAll({ tenants: true }));
  expect(again).toMatchObject({ status: 'applied', versions: [NAME] });
  expect(await indexes('acme')).toEqual([{ valid: true }]);
  expect(await revert()).toMatchObject([{ status: 'reverted', versions: [NAME] }]);
});

it('takes the last one back once in two reverts at the same time, and not the one before it', async () => {
  await run(schemas.migrator.migrateAll({ tenants: true }));
  const revert = (): Promise<MigrationResult[]> =>
    run(schemas.migrator.revertAll({ schemas: ['acme'] }, 1));
  let marks = 0;
  let second: Promise<MigrationResult[]> | undefined;
  let isSecondOver = false;
  beforeStatements(/\(name, applied_at\)|DROP INDEX/, async (text) => {
    if (!text.includes('DROP INDEX')) {
      marks += 1;
    } else if (!second) {
      second = revert().finally(() => {
        isSecondOver = true;
      });
      await until('the second is about the same one, or over', () => marks === 2 || isSecondOver);
    }
  });
  const first = await revert();
  expect(first).toMatchObject([{ status: 'reverted', versions: [NAME] }]);
  expect(await second).toMatchObject([{ status: 'skipped', versions: [] }]);
  expect(await recorded()).toEqual([{ name: FIRST, done: true }]);
});

it('waits for another run without holding up what that one does concurrently', async () => {
  const other = new pg.Client({ connectionString: database.directUrl });
  await other.connect();
  try {
    const key = ['tenant-schemas:acme:session'];
    await other.query('SELECT pg_advisory_lock(hashtextextended($1, 0))', key);
    const waiting = run(schemas.migrator.migrateAll({ tenants: true }));
    while ((await recorded()).length < 2) await new Promise(setImmediate);
    // Would never end if the waiting run held a snapshot.
    await other.query('CREATE INDEX CONCURRENTLY ON acme.things (id)');
    await other.query('SELECT pg_advisory_unlock(hashtextextended($1, 0))', key);
    expect(await waiting).toMatchObject([{ status: 'applied', versions: [NAME] }]);
  } finally {
    await other.end();
  }
});

it('gives a new schema its own form of them, in a transaction', async () => {
  await schemas.provisioner.create(newClient('fresh'));
  expect(await indexes('fresh')).toEqual([{ valid: true }]);
  const results = await run(schemas.migrator.migrateAll({ schemas: ['fresh'] }));
  expect(results.map(({ status }) => status)).toEqual(['skipped']);
});
