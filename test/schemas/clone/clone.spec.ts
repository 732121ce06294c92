// A clone is made by its source's migrations and holds its source's rows, whole or not at all, and nothing in
// it names the source.
import type { DataSource } from 'typeorm';
import { migrationsFingerprint } from '../../../packages/nest-tenant-schemas/src/core/migrations-fingerprint.js';
import {
  MIGRATIONS_TABLE,
  readHistory,
  SchemaAheadError,
  SchemaNameInvalidError,
  TenantCloner,
  TenantConflictError,
  TenantNotFoundError,
} from 'nest-tenant-schemas';
import { countStatements, failStatement } from '../../support/sent-statements.js';
import type { TestDatabase } from 'test-support/test-database.js';
import { untilAllIdle } from '../../../packages/nest-tenant-schemas/test/tenancy/support.js';
import { CODE, everything, rows, TABLES } from './clone-support.js';
import { newClient, openSchemas, schemasOf, traces } from '../support.js';

let database: TestDatabase;
let dataSource: DataSource;

function clonerOf(history = everything): TenantCloner<ReturnType<typeof newClient>> {
  const { registry } = schemasOf(dataSource, history);
  return new TenantCloner(dataSource, registry, readHistory(history, 'history'));
}

const source = newClient('source');

beforeAll(async () => {
  ({ database, dataSource } = await openSchemas());
});

beforeEach(async () => {
  await schemasOf(dataSource, everything).provisioner.create(source);
  await database.sql(rows('source'));
});

afterEach(async () => {
  jest.restoreAllMocks();
  await untilAllIdle(dataSource);
  const { registry, provisioner } = schemasOf(dataSource, everything);
  for await (const client of registry.all()) await provisioner.drop(client);
});

afterAll(async () => {
  await dataSource.destroy();
  await database.drop();
});

const TABLE_NAMES = [
  'authors',
  'posts',
  'labels',
  'a_links',
  'teams',
  'members',
  'audit',
  'done',
  'counts',
];

async function contents(schema: string): Promise<unknown> {
  const read = async (name: string): Promise<unknown> => [
    name,
    (
      await database.sql<{ row: string }>(
        `SELECT t::text AS row FROM ${schema}.${name} AS t ORDER BY 1`,
      )
    ).map(({ row }) => row),
  ];
  return Object.fromEntries((await Promise.all(TABLE_NAMES.map(read))) as [string, string[]][]);
}

it('holds every row of its source, of whatever type, and no other', async () => {
  const { registry } = schemasOf(dataSource, everything);
  const target = newClient('target');
  const names = readHistory(everything, 'history').map(({ name }) => name);
  expect(await clonerOf().clone(source, target)).toEqual({ schema: 'target', versions: names });

  expect(await contents('target')).toEqual(await contents('source'));
  expect(await database.sql('SELECT count(*)::int FROM target.posts')).toEqual([{ count: 2 }]);
  expect(await database.sql('SELECT posts::int FROM target.counts')).toEqual([{ posts: 1 }]);
  expect(await registry.find(target.id)).toEqual(target);
  expect(
    await database.sql(`SELECT name FROM target.${MIGRATIONS_TABLE} ORDER BY position`),
  ).toEqual(names.map((name) => ({ name })));
  expect(
    await database.sql(
      `SELECT obj_description('target.${MIGRATIONS_TABLE}'::regclass, 'pg_class') AS comment`,
    ),
  ).toEqual([{ comment: migrationsFingerprint(names) }]);
});

it('goes on with serials, identities and sequences from where the source is', async () => {
  await clonerOf().clone(source, newClient('target'));
  for (const schema of ['source', 'target']) {
    expect(
      await database.sql(
        `INSERT INTO ${schema}.posts (title, parent_id) VALUES ('next', NULL) RETURNING id, ticket::int, twice`,
      ),
    ).toEqual([{ id: 2, ticket: 110, twice: 4 }]);
    expect(
      await database.sql(`INSERT INTO ${schema}.labels (name) VALUES ('next') RETURNING id::int`),
    ).toEqual([{ id: 3 }]);
  }
});

it('has functions, triggers and views of its own, which act again, and leave the source alone', async () => {
  await clonerOf().clone(source, newClient('target'));
  await database.sql(`INSERT INTO target.posts (title, status) VALUES ('new', 'done')`);
  expect(await database.sql('SELECT title FROM target.audit ORDER BY id')).toEqual(
    ['child', 'one', 'new'].map((title) => ({ title })),
  );
  expect(await database.sql('SELECT target.titles() AS title')).toEqual(
    ['one', 'new', 'child'].map((title) => ({ title })),
  );
  expect(
    await database.sql(
      `SELECT target.has('done')::int AS here, source.has('done')::int AS there, (SELECT count(*)::int FROM target.done) AS view`,
    ),
  ).toEqual([{ here: 2, there: 1, view: 2 }]);
  expect(await database.sql('SELECT count(*)::int FROM source.audit')).toEqual([{ count: 2 }]);
  expect(
    await database.sql(
      `SELECT tgname, tgenabled FROM pg_trigger WHERE NOT tgisinternal AND tgrelid::regclass::text LIKE 'target.%' ORDER BY 1`,
    ),
  ).toEqual([
    { tgname: 'noting', tgenabled: 'O' },
    { tgname: 'resting', tgenabled: 'D' },
  ]);
});

it('still checks what it checked: foreign keys that were put aside are back, and valid', async () => {
  await clonerOf().clone(source, newClient('target'));
  await expect(database.sql('UPDATE target.teams SET leader_id = 99')).rejects.toThrow('led_by');
  await expect(database.sql('DELETE FROM target.teams')).rejects.toThrow('in_team');
  expect(
    await database.sql(
      `SELECT conname FROM pg_constraint WHERE connamespace = 'target'::regnamespace AND NOT convalidated`,
    ),
  ).toEqual([]);
});

it('copies no rows without data: only those of migrations, and sequences restart', async () => {
  await clonerOf().clone(source, newClient('target'), { withData: false });
  expect(await database.sql('SELECT id::int, name FROM target.labels')).toEqual([
    { id: 1, name: 'seed' },
  ]);
  expect(
    await database.sql(
      `INSERT INTO target.posts (title) VALUES ('first') RETURNING id, ticket::int`,
    ),
  ).toEqual([{ id: 1, ticket: 100 }]);
});

it('has the version of its source when that is behind; the next run brings both up', async () => {
  const behind = newClient('behind');
  await schemasOf(dataSource, [TABLES, CODE]).provisioner.create(behind);
  await clonerOf().clone(behind, newClient('target'));
  const { migrator } = schemasOf(dataSource, everything);
  const results: unknown[] = [];
  for await (const { schema, versions } of migrator.migrateAll({}, { concurrency: 1 })) {
    results.push([schema, versions]);
  }
  expect(results).toEqual([
    ['public', []],
    ['behind', ['Step1700000003000']],
    ['source', []],
    ['target', ['Step1700000003000']],
  ]);
});

it('is refused when the source is ahead of the code, or is not there, or the target is', async () => {
  await expect(clonerOf([TABLES]).clone(source, newClient('target'))).rejects.toThrow(
    SchemaAheadError,
  );
  await expect(clonerOf().clone(newClient('unknown'), newClient('target'))).rejects.toThrow(
    TenantNotFoundError,
  );
  await expect(clonerOf().clone(source, newClient('source', 'Other'))).rejects.toThrow(
    TenantConflictError,
  );
  await expect(clonerOf().clone(source, newClient('target', 'SOURCE'))).rejects.toThrow(
    TenantConflictError,
  );
  await expect(clonerOf().clone(source, newClient('pg_target'))).rejects.toThrow(
    SchemaNameInvalidError,
  );
  expect(await traces(database)).toEqual(['row source', 'schema source']);
});

it('leaves nothing when any one of its statements fails, and the next attempt succeeds', async () => {
  const count = await countStatements(() => clonerOf().clone(source, newClient('target')));
  await schemasOf(dataSource, everything).provisioner.drop(
    (await schemasOf(dataSource, everything).registry.findBySchema('target')) ?? source,
  );
  const before = await contents('source');
  for (let failing = 1; failing <= count; failing++) {
    const failure = failStatement(failing);
    await expect(clonerOf().clone(source, newClient('target'))).rejects.toThrow('forced failure');
    failure.mockRestore();
    expect([failing, ...(await traces(database))]).toEqual([
      failing,
      'row source',
      'schema source',
    ]);
  }
  expect(count).toBe(51);
  expect(await contents('source')).toEqual(before);
  await clonerOf().clone(source, newClient('target'));
  expect(await contents('target')).toEqual(before);
});
