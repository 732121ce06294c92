// What a migration leaves behind when its process is killed, and what a login's `lock_timeout` is to it.
import pg from 'pg';
import type { DataSource } from 'typeorm';
import {
  MIGRATIONS_TABLE,
  MigrationFailedError,
  type MigrationResult,
  type SchemaMigrator,
} from 'nest-tenant-schemas';
import { until } from 'test-support/poll.js';
import { beforeStatements } from '../../support/sent-statements.js';
import type { TestDatabase } from 'test-support/test-database.js';
import { migration, newClient, openSchemas, schemasOf } from '../support.js';

const ONE = migration(1, 'CREATE TABLE "__tenant__".things (id int)');
const ADD = 'ALTER TABLE "__tenant__".things ADD COLUMN two int';
const TWO = migration(2, ADD);
/** Far longer than the spec may take; of the form that is sent in one message with its COMMIT. */
const LONG = migration(2, ADD, 'DO $$ BEGIN PERFORM pg_sleep(600); END $$');

let database: TestDatabase;
let dataSource: DataSource;
const client = newClient('acme');

beforeEach(async () => {
  ({ database, dataSource } = await openSchemas());
  await schemasOf(dataSource, [ONE]).provisioner.create(client);
});

afterEach(async () => {
  jest.restoreAllMocks();
  await dataSource.destroy();
  await database.sql(
    'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
  );
  await database.drop();
});

const recorded = (): Promise<unknown[]> => database.sql(`SELECT FROM acme.${MIGRATIONS_TABLE}`);

/** The connections that such a statement is sent on. */
function connectionsOf(pattern: RegExp): readonly pg.Client[] {
  const found: pg.Client[] = [];
  const send = pg.Client.prototype.query as (...args: unknown[]) => unknown;
  jest.spyOn(pg.Client.prototype, 'query').mockImplementation(function look(
    this: pg.Client,
    ...args: unknown[]
  ) {
    if (pattern.test(String(args[0]))) found.push(this);
    return send.apply(this, args) as never;
  });
  return found;
}

it('is not committed, and holds no lock, after its process is killed in a statement', async () => {
  const connections = connectionsOf(/pg_sleep\(600\)/);
  const migrating = schemasOf(dataSource, [ONE, LONG]).migrator.migrateTenant(client);
  const sleepers = (): Promise<unknown[]> =>
    database.sql(
      `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'`,
    );
  await until('the statement runs', async () => (await sleepers()).length === 1);
  // As the kernel does with a killed process's sockets.
  (connections[0] as unknown as { connection: pg.Connection }).connection.stream.destroy();
  expect(await migrating).toMatchObject({ status: 'failed' });
  await until('the server has ended it', async () => (await sleepers()).length === 0, 10_000);
  expect(await recorded()).toHaveLength(1);
  await database.sql('BEGIN; LOCK TABLE acme.things; COMMIT');
});

describe('Where the login has a lock_timeout', () => {
  let migrator: SchemaMigrator;
  let other: pg.Client;

  beforeEach(async () => {
    await database.sql(`ALTER DATABASE "${database.name}" SET lock_timeout TO '100ms'`);
    await dataSource.destroy();
    await dataSource.initialize();
    ({ migrator } = schemasOf(dataSource, [ONE, TWO]));
    other = new pg.Client({ connectionString: database.directUrl });
    await other.connect();
  });

  afterEach(() => other.end());

  it('waits for another run for longer', async () => {
    const lock = `SELECT pg_advisory_xact_lock(hashtextextended('tenant-schemas:acme', 0))`;
    await other.query(`BEGIN; ${lock}`);
    const migrating = migrator.migrateTenant(client);
    await until('it has waited three times as long', async () => {
      const waiting = await database.sql(
        `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'advisory'
         AND clock_timestamp() - query_start > interval '300 ms'`,
      );
      return waiting.length === 1;
    });
    await other.query('COMMIT');
    expect(await migrating).toMatchObject({ status: 'applied' });
  });

  it('fails by the migration that waits for a table, which has waited once', async () => {
    await other.query('BEGIN; SELECT FROM acme.things');
    let attempts = 0;
    beforeStatements(/ADD COLUMN two/, () => Promise.resolve((attempts += 1)));
    const { status, error }: MigrationResult = await migrator.migrateTenant(client);
    expect({ status, error }).toEqual({
      status: 'failed',
      error: expect.any(MigrationFailedError),
    });
    expect(error?.message).toContain('canceling statement due to lock timeout');
    expect(attempts).toBe(1);
    await other.query('COMMIT');
  });
});
