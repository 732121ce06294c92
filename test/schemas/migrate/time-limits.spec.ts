// A login may have time limits, which are meant for requests. Work on schemas runs without them, and leaves each
// connection with the limits that it had.
import pg from 'pg';
import type { DataSource } from 'typeorm';
import { readEnvironment } from '../../../src/config/environment.js';
import { dataSourceOptions, withoutLimits } from '../../../src/database/data-source-options.js';
import {
  createTenantDataSource,
  generateMigration,
  type MigrationClass,
  readHistory,
  TenantCloner,
  TenantRenamer,
} from 'nest-tenant-schemas';
import { NO_TIME_LIMIT_IN_SESSION } from '../../../packages/nest-tenant-schemas/src/schemas/catalog/time-limits.js';
import { until } from 'test-support/poll.js';
import { createTestDatabase, type TestDatabase, withDatabase } from 'test-support/test-database.js';
import { testServer } from 'test-support/test-server.js';
import { collect, doctorFor } from '../doctor/doctor-support.js';
import { migration, newClient, schemasOf } from '../support.js';

const T = '"__tenant__"';
const POOL_SIZE = 4;

const IS_LIMITED = `IF EXISTS (SELECT FROM pg_catalog.pg_settings WHERE setting <> '0' AND name IN
  ('statement_timeout', 'idle_in_transaction_session_timeout', 'transaction_timeout'))
  THEN RAISE EXCEPTION 'limited'; END IF;`;

/** Fails in a session, or a transaction, that has a limit. */
const CHECK = `DO $$ BEGIN ${IS_LIMITED} END $$`;

/** Each row that is written checks the limits, and each refresh. */
const TABLES = migration(
  1,
  `CREATE FUNCTION ${T}.unlimited() RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN ${IS_LIMITED} RETURN true; END $$`,
  `CREATE TABLE ${T}.things (id int CHECK (${T}.unlimited()))`,
  `CREATE VIEW ${T}.seen AS SELECT id FROM ${T}.things`,
  `CREATE MATERIALIZED VIEW ${T}.filled AS SELECT ${T}.unlimited() FROM ${T}.things`,
);

/** Checks the limits in both directions. */
function checking(second: number, transaction: boolean): MigrationClass {
  const Up = migration(second, CHECK);
  return class extends Up {
    override transaction = transaction;
    override upInNewSchema = this.up;
    override down = this.up;
  } as MigrationClass;
}

const HISTORY = [TABLES, checking(2, true), checking(3, false)];
const [, INSIDE, OUTSIDE] = readHistory(HISTORY, 'history').map(({ name }) => name);

let database: TestDatabase;
let dataSource: DataSource;

beforeAll(async () => {
  database = await createTestDatabase();
});

/** Connects by a login that has those limits. */
async function connect(limit: string): Promise<void> {
  const known = await database.sql<{ name: string }>(
    `SELECT name FROM pg_settings WHERE name IN
       ('statement_timeout', 'idle_in_transaction_session_timeout', 'transaction_timeout')`,
  );
  for (const { name } of known) {
    await database.sql(`ALTER DATABASE ${database.name} SET ${name} = '${limit}'`);
  }
  const settings = { databasePoolSize: POOL_SIZE, logLevel: 'error' } as const;
  dataSource = await createTenantDataSource(dataSourceOptions(settings, database.url)).initialize();
  const { error } = await schemasOf(dataSource, []).migrator.migrateShared();
  if (error) throw error;
}

afterEach(async () => {
  const { registry, provisioner } = schemasOf(dataSource, []);
  for await (const client of registry.all()) await provisioner.drop(client);
  await dataSource.destroy();
});

afterAll(() => database.drop());

async function run(results: AsyncIterable<{ error?: Error; versions: unknown }>): Promise<unknown> {
  const [first] = await toArray(results);
  return first?.error ?? first?.versions;
}

async function toArray<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

it('creates, migrates, reverts, clones, renames, examines and drops without limits', async () => {
  await connect('10min');
  const { registry, provisioner } = schemasOf(dataSource, [TABLES]);
  const source = newClient('source');
  await provisioner.create(source);
  const { migrator } = schemasOf(dataSource, HISTORY);
  const selection = { schemas: ['source'] };
  expect(await run(migrator.migrateAll(selection))).toEqual([INSIDE, OUTSIDE]);
  expect(await run(migrator.revertAll(selection, 2))).toEqual([OUTSIDE, INSIDE]);
  expect(await run(migrator.migrateAll(selection))).toEqual([INSIDE, OUTSIDE]);
  await database.sql(
    `${NO_TIME_LIMIT_IN_SESSION}; INSERT INTO source.things VALUES (1); REFRESH MATERIALIZED VIEW source.filled`,
  );
  const target = newClient('target');
  const cloner = new TenantCloner(dataSource, registry, readHistory(HISTORY, 'history'));
  await cloner.clone(source, target);
  expect(await database.sql('SELECT id FROM target.things')).toEqual([{ id: 1 }]);
  const renamed = await new TenantRenamer(dataSource, registry).rename(target, { schema: 'other' });
  expect(await collect(doctorFor(dataSource, HISTORY))).toEqual([]);
  await provisioner.drop(renamed);

  const runners = Array.from({ length: POOL_SIZE }, () => dataSource.createQueryRunner());
  const outcomes = await Promise.allSettled(runners.map((runner) => runner.query(CHECK)));
  await Promise.all(runners.map((runner) => runner.release()));
  expect(outcomes.map((outcome) => String((outcome as PromiseRejectedResult).reason))).toEqual(
    runners.map(() => expect.stringContaining('limited')),
  );
});

it('has the doctor wait for a table longer than the limit', async () => {
  const limit = '1s';
  await connect(limit);
  await schemasOf(dataSource, [TABLES]).provisioner.create(newClient('source'));
  const holder = new pg.Client({ connectionString: database.directUrl });
  await holder.connect();
  try {
    await holder.query(NO_TIME_LIMIT_IN_SESSION);
    await holder.query(`BEGIN; LOCK TABLE source.things`);
    const working = collect(doctorFor(dataSource, [TABLES])).then(
      () => 'done',
      (error: unknown) => error,
    );
    const looking = until('a statement that waits for longer than the limit, or ends', async () => {
      const [row] = await database.sql<{ waits: boolean }>(
        `SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database()
           AND wait_event_type = 'Lock' AND clock_timestamp() - query_start > interval '${limit}') AS waits`,
      );
      return row?.waits;
    });
    await Promise.race([looking, working]);
    await holder.query('ROLLBACK');
    expect(await working).toBe('done');
  } finally {
    await holder.end();
  }
});

it('generates migrations without the limits of the login', async () => {
  await connect('10min');
  const login = `limited_${database.name}`;
  const superuser = new pg.Client({ connectionString: testServer().superuserUrl });
  await superuser.connect();
  try {
    await superuser.query(`CREATE ROLE ${login} LOGIN CREATEDB PASSWORD 'secret'`);
    for (const limit of ['statement_timeout', 'idle_in_transaction_session_timeout']) {
      await superuser.query(`ALTER ROLE ${login} SET ${limit} TO '10min'`);
    }
    const url = new URL(withDatabase(testServer().directUrl, database.name));
    [url.username, url.password] = [login, 'secret'];
    const generated = generateMigration('tenant', 'Nothing', {
      url: url.toString(),
      entities: [],
      sharedMigrations: [migration(1, CHECK)],
      tenantMigrations: [migration(1, CHECK)],
    });
    expect(await generated).toBeUndefined();
  } finally {
    await superuser.query(`DROP ROLE ${login}`);
    await superuser.end();
  }
});

it('gives a command connections without limits', async () => {
  await connect('10min');
  const options = dataSourceOptions(withoutLimits(readEnvironment()), database.url);
  const ofCommand = await createTenantDataSource(options).initialize();
  try {
    const limits = await ofCommand.query(
      `SELECT setting FROM pg_settings WHERE name IN ('statement_timeout', 'idle_in_transaction_session_timeout')`,
    );
    expect(limits).toEqual([{ setting: '0' }, { setting: '0' }]);
  } finally {
    await ofCommand.destroy();
  }
});
