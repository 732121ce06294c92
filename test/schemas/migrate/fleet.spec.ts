// A run over the fleet: what is up to date is not visited, work is bounded and can be stopped between schemas,
// and reverting, faking and looking ahead do what they say.
import pg from 'pg';
import type { DataSource } from 'typeorm';
import { migrationsFingerprint } from '../../../packages/nest-tenant-schemas/src/core/migrations-fingerprint.js';
import { MIGRATIONS_TABLE, type MigrationClass, type MigrationResult } from 'nest-tenant-schemas';
import type { TestDatabase } from 'test-support/test-database.js';
import { untilAllIdle } from '../../../packages/nest-tenant-schemas/test/tenancy/support.js';
import { migration, newClient, openSchemas, schemasOf } from '../support.js';

const ONE = migration(1, 'CREATE TABLE "__tenant__".things (id int)');
const TWO = migration(2, 'ALTER TABLE "__tenant__".things ADD COLUMN two int');
const THREE = migration(3, 'ALTER TABLE "__tenant__".things ADD COLUMN three int');
const STEP = (second: number): string => `Step${1_700_000_000_000 + second * 1000}`;
const SCHEMAS = ['t01', 't02', 't03', 't04', 't05', 't06'];

let database: TestDatabase;
let dataSource: DataSource;

beforeEach(async () => {
  ({ database, dataSource } = await openSchemas());
  const { provisioner } = schemasOf(dataSource, [ONE]);
  await Promise.all(SCHEMAS.map((schema) => provisioner.create(newClient(schema))));
});

afterEach(async () => {
  jest.restoreAllMocks();
  await untilAllIdle(dataSource);
  await dataSource.destroy();
  await database.drop();
});

async function collect<T>(run: AsyncIterable<T>): Promise<T[]> {
  const results: T[] = [];
  for await (const result of run) results.push(result);
  return results;
}

const statuses = (results: readonly MigrationResult[]): string[] =>
  results.map(({ status }) => status);

it('visits no tenant that is up to date: two catalogue reads for the whole fleet', async () => {
  const { migrator } = schemasOf(dataSource, [ONE]);
  const sent = jest.spyOn(pg.Client.prototype, 'query');
  const results = await collect(migrator.migrateAll({ tenants: true }));
  expect(statuses(results)).toEqual(SCHEMAS.map(() => 'skipped'));
  // The registry's page, and its migrations tables' comments.
  expect(sent).toHaveBeenCalledTimes(2);
});

it('sends two messages to a tenant that one migration is missing in', async () => {
  const { migrator } = schemasOf(dataSource, [ONE, TWO]);
  const sent = jest.spyOn(pg.Client.prototype, 'query');
  await collect(migrator.migrateAll({ tenants: true }));
  // What is locked and read, and what is changed; besides, the registry's page and the migrations tables' comments.
  expect(sent).toHaveBeenCalledTimes(2 + SCHEMAS.length * 2);
});

it.each([1, 3])(
  'migrates at most %i schemas at once, and reports each before and after',
  async (limit) => {
    const { migrator } = schemasOf(dataSource, [ONE, TWO]);
    const events: string[] = [];
    let running = 0;
    let most = 0;
    migrator.on('before', (schema) => {
      most = Math.max(most, ++running);
      events.push(`before ${schema}`);
    });
    migrator.on('after', ({ schema }) => {
      running -= 1;
      events.push(`after ${schema}`);
    });
    await collect(migrator.migrateAll({ tenants: true }, { concurrency: limit }));
    expect([running, most]).toEqual([0, limit]);
    expect(events.toSorted()).toEqual(
      ['after', 'before'].flatMap((kind) => SCHEMAS.map((schema) => `${kind} ${schema}`)),
    );
  },
);

it('starts no schema after a failure if configured, and the next run does the rest', async () => {
  await database.sql('ALTER TABLE t02.things ADD COLUMN two int');
  const { migrator } = schemasOf(dataSource, [ONE, TWO]);
  const results = await collect(
    migrator.migrateAll({ tenants: true }, { concurrency: 1, failFast: true }),
  );
  expect(results.map(({ schema, status }) => [schema, status])).toEqual([
    ['t01', 'applied'],
    ['t02', 'failed'],
  ]);
  await database.sql('ALTER TABLE t02.things DROP COLUMN two');
  const again = await collect(migrator.migrateAll({ tenants: true }));
  expect(statuses(again).toSorted()).toEqual([...Array(5).fill('applied'), 'skipped']);
});

it('stops between two schemas on request', async () => {
  const { migrator } = schemasOf(dataSource, [ONE, TWO]);
  const stop = new AbortController();
  migrator.on('after', () => stop.abort());
  const results = await collect(
    migrator.migrateAll({ tenants: true }, { concurrency: 2, signal: stop.signal }),
  );
  expect(statuses(results)).toEqual(['applied', 'applied']);
});

it('writes migrations into the migrations table without running them when they are faked', async () => {
  const { migrator } = schemasOf(dataSource, [ONE, TWO]);
  const results = await collect(migrator.migrateAll({ tenants: true }, { fake: true }));
  expect(statuses(results)).toEqual(SCHEMAS.map(() => 'applied'));
  await expect(database.sql('SELECT two FROM t01.things')).rejects.toThrow('does not exist');
  expect(statuses(await collect(migrator.migrateAll({ tenants: true })))).not.toContain('applied');
});

it('reports the SQL of a run with real names, and changes nothing', async () => {
  const asks = migration(4, 'SELECT count(*) FROM "__tenant__".things');
  const { migrator } = schemasOf(dataSource, [ONE, TWO, asks]);
  const plans = await collect(migrator.planAll({ schemas: ['t03'] }));
  expect(plans).toEqual([
    {
      schema: 't03',
      migrations: [
        { name: STEP(2), statements: ['ALTER TABLE "t03".things ADD COLUMN two int'] },
        { name: STEP(4), statements: undefined },
      ],
    },
  ]);
  await expect(database.sql('SELECT two FROM t03.things')).rejects.toThrow('does not exist');
});

describe('reverting', () => {
  const history = [
    ONE,
    withDown(TWO, 'ALTER TABLE "__tenant__".things DROP COLUMN two'),
    withDown(THREE, 'ALTER TABLE "__tenant__".things DROP COLUMN three'),
  ];

  it('takes the last migrations back, one by one, with their migrations table rows and the fingerprint', async () => {
    const { migrator } = schemasOf(dataSource, history);
    await collect(migrator.migrateAll());
    const results = await collect(migrator.revertAll({ schemas: ['t01', 't02'] }, 2));
    expect(results.map(({ status, versions }) => [status, versions])).toEqual([
      ['reverted', [STEP(3), STEP(2)]],
      ['reverted', [STEP(3), STEP(2)]],
    ]);
    await expect(database.sql('SELECT two FROM t01.things')).rejects.toThrow('does not exist');
    expect(await database.sql('SELECT two, three FROM t03.things')).toEqual([]);
    expect(
      await database.sql(
        `SELECT obj_description('t01.${MIGRATIONS_TABLE}'::regclass, 'pg_class') AS comment`,
      ),
    ).toEqual([{ comment: migrationsFingerprint([STEP(1)]) }]);
    expect(statuses(await collect(migrator.migrateAll({ schemas: ['t01'] })))).toEqual(['applied']);
  });

  it('stops at the beginning of the migrations table', async () => {
    const { migrator } = schemasOf(dataSource, [withDown(ONE, 'DROP TABLE "__tenant__".things')]);
    const results = await collect(migrator.revertAll({ schemas: ['t01'] }, 5));
    expect(results.map(({ versions }) => versions)).toEqual([[STEP(1)]]);
    expect(statuses(await collect(migrator.revertAll({ schemas: ['t01'] }, 1)))).toEqual([
      'skipped',
    ]);
  });

  it('keeps a schema as it was when a revert fails in it', async () => {
    const { migrator } = schemasOf(dataSource, [withDown(ONE, 'DROP TABLE "__tenant__".nothing')]);
    const [result] = await collect(migrator.revertAll({ schemas: ['t01'] }, 1));
    expect(result).toMatchObject({ status: 'failed', error: { code: 'MIGRATION_FAILED' } });
    expect(await database.sql(`SELECT name FROM t01.${MIGRATIONS_TABLE}`)).toEqual([
      { name: STEP(1) },
    ]);
  });
});

function withDown(Migration: MigrationClass, statement: string): MigrationClass {
  return class extends Migration {
    override async down(queryRunner: { query(sql: string): Promise<unknown> }): Promise<void> {
      await queryRunner.query(statement);
    }
  };
}
