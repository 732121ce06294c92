// Behind a pooler in transaction mode a session is anybody's: it is recognised, and what needs a session of its own
// is refused. The control is the leak itself: a session's setting, read by another.
import pg from 'pg';
import type { QueryRunner } from 'typeorm';
import {
  isBehindTransactionPooler,
  MIGRATIONS_TABLE,
  readHistory,
  SchemaMigrator,
  TenantProvisioner,
} from '../../../src/index.js';
import { MemoryRegistry } from 'test-support/memory-registry.js';
import type { TestDatabase } from 'test-support/test-database.js';
import { testServer } from 'test-support/test-server.js';
import { A, createTwoTenants, openTenantDataSource } from '../support.js';

const { isBehindPgBouncer } = testServer();

let database: TestDatabase;

beforeAll(async () => {
  database = await createTwoTenants();
});

afterAll(() => database.drop());

it('recognises a transaction pooler, and no server for one', async () => {
  expect(await isBehindTransactionPooler(database.url)).toBe(isBehindPgBouncer);
  expect(await isBehindTransactionPooler(database.directUrl)).toBe(false);
});

it('recognises it while others keep it busy', async () => {
  const stop = new AbortController();
  const pool = new pg.Pool({ connectionString: database.url, max: 3 });
  const noise = Array.from({ length: 3 }, async () => {
    while (!stop.signal.aborted) await pool.query('SELECT 1');
  });
  try {
    for (let turn = 0; turn < 10; turn++) {
      expect(await isBehindTransactionPooler(database.url)).toBe(isBehindPgBouncer);
    }
  } finally {
    stop.abort();
    await Promise.all(noise);
    await pool.end();
  }
});

describe('a migration outside transactions, whose lock is a session’s', () => {
  class Outside1700000002000 {
    transaction = false;

    async up(queryRunner: QueryRunner): Promise<void> {
      await queryRunner.query('CREATE INDEX CONCURRENTLY things_id ON "__tenant__".things (id)');
    }

    async upInNewSchema(): Promise<void> {}

    async down(queryRunner: QueryRunner): Promise<void> {
      await queryRunner.query('DROP INDEX CONCURRENTLY "__tenant__".things_id');
    }
  }

  class Things1700000001000 {
    async up(queryRunner: QueryRunner): Promise<void> {
      await queryRunner.query('CREATE TABLE "__tenant__".things (id int)');
    }

    async down(): Promise<void> {}
  }

  it('is run on a server, and refused behind a pooler before anything is marked', async () => {
    const dataSource = await openTenantDataSource(database, { poolSize: 2 });
    const registry = new MemoryRegistry();
    const tenant = { ...A, schema: 'migrated' };
    const of = (...classes: (typeof Things1700000001000 | typeof Outside1700000002000)[]) =>
      readHistory(classes, 'tenantMigrations');
    await new TenantProvisioner(dataSource, registry, of(Things1700000001000)).create(tenant);
    const tenantHistory = of(Things1700000001000, Outside1700000002000);
    const migrator = new SchemaMigrator(dataSource, registry, {
      shared: [],
      tenant: tenantHistory,
    });
    const results = [];
    for await (const result of migrator.migrateAll({ tenants: true })) results.push(result);
    await dataSource.destroy();
    const recorded = await database.sql(
      `SELECT name FROM migrated.${MIGRATIONS_TABLE} ORDER BY position`,
    );
    const isRefused = results.map(({ error }) => error?.message.includes('transaction pooler'));
    expect({ isRefused, recorded }).toEqual({
      isRefused: [isBehindPgBouncer ? true : undefined],
      recorded: tenantHistory.slice(0, isBehindPgBouncer ? 1 : 2).map(({ name }) => ({ name })),
    });
  });
});

describe('control: a session setting of one client', () => {
  it('is read by another one behind a pooler', async () => {
    const [first, second] = [new pg.Client(database.url), new pg.Client(database.url)];
    await first.connect();
    await second.connect();
    await first.query(`SET search_path TO ${A.schema}`);
    const { rows } = await second.query('SHOW search_path');
    expect(rows).toEqual([{ search_path: isBehindPgBouncer ? A.schema : '""' }]);
    await first.query('RESET search_path');
    await first.end();
    await second.end();
  });

  it('and a session lock is had by both', async () => {
    const clients = [new pg.Client(database.url), new pg.Client(database.url)];
    const got: unknown[] = [];
    for (const client of clients) {
      await client.connect();
      got.push((await client.query('SELECT pg_try_advisory_lock(7) AS got')).rows[0]);
    }
    expect(got).toEqual([{ got: true }, { got: isBehindPgBouncer }]);
    for (const client of clients) await client.end();
    // Behind a pooler the session, and its lock, goes on.
    await database.sql(
      `SELECT pg_terminate_backend(pid) FROM pg_locks JOIN pg_database d ON d.oid = database
       WHERE locktype = 'advisory' AND datname = current_database()`,
    );
  });
});
