// The server ends statements and idle transactions after the given time. A pooler may not accept these settings. Start-up then
// prints what to set on the server instead, and does not fail. Migrations have no time limit.
import type { DataSource } from 'typeorm';
import { tenantContext } from '../../../src/index.js';
import { checkDatabase } from '../../../src/start-up-checks.js';
import {
  inLockedTransaction,
  SHARED_TARGET,
  tenantTarget,
} from '../../../src/schemas/catalog/schema-target.js';
import type { TestDatabase } from 'test-support/test-database.js';
import { testServer } from 'test-support/test-server.js';
import { A, addNote, createTwoTenants, openTenantDataSource, untilAllIdle } from '../support.js';

const { isBehindPgBouncer } = testServer();

let database: TestDatabase;
let dataSource: DataSource;

beforeAll(async () => {
  database = await createTwoTenants();
});

afterAll(async () => {
  await database.drop();
});

afterEach(() => dataSource.destroy());

async function settingsOf(source: DataSource): Promise<string[]> {
  const [row] = await source.query<{ statement: string; idle: string }[]>(
    `SELECT current_setting('statement_timeout') AS statement,
            current_setting('idle_in_transaction_session_timeout') AS idle`,
  );
  return [row?.statement ?? '', row?.idle ?? ''];
}

it('serves with timeouts, on the server itself or behind a pooler that refuses them', async () => {
  dataSource = await openTenantDataSource(database, {
    poolSize: 4,
    statementTimeoutMs: 12_000,
    idleInTransactionTimeoutMs: 34_000,
  });
  expect(await settingsOf(dataSource)).toEqual(isBehindPgBouncer ? ['0', '0'] : ['12s', '34s']);
  await Promise.all(Array.from({ length: 8 }, () => addNote(dataSource, A)));
  await untilAllIdle(dataSource);
});

it('says at start-up what to set on the server when a pooler keeps the timeouts from it', async () => {
  dataSource = await openTenantDataSource(database, { statementTimeoutMs: 12_000 });
  const [{ login }] = await dataSource.query<[{ login: string }]>('SELECT session_user AS login');
  const warnings = await checkDatabase(dataSource);
  expect(warnings).toEqual(
    isBehindPgBouncer
      ? [
          'statement_timeout is 12000 ms here, but a pooler keeps it from the server, which has no limit. ' +
            `Set it with: ALTER ROLE "${login}" IN DATABASE "${database.name}" SET statement_timeout TO '12000ms';`,
        ]
      : [],
  );
});

it('asks for none by default, and says nothing of it', async () => {
  dataSource = await openTenantDataSource(database);
  expect(await settingsOf(dataSource)).toEqual(['0', '0']);
  expect(await checkDatabase(dataSource)).toEqual([]);
});

it('has no limit in the transaction of a migration, nor while it waits for its lock', async () => {
  dataSource = await openTenantDataSource(database, { statementTimeoutMs: 12_000 });
  for (const target of [SHARED_TARGET, tenantTarget(A)]) {
    await inLockedTransaction(dataSource, target, async (queryRunner) => {
      const text = `SELECT current_setting('statement_timeout') AS "limit"`;
      expect(await queryRunner.query(text)).toEqual([{ limit: '0' }]);
    });
  }
  expect((await settingsOf(dataSource))[0]).toBe(isBehindPgBouncer ? '0' : '12s');
});

if (!isBehindPgBouncer) {
  it('ends a statement that runs too long, and its connection serves the next', async () => {
    dataSource = await openTenantDataSource(database, { statementTimeoutMs: 50 });
    const slow = tenantContext.run(A, () => dataSource.query('SELECT pg_sleep(60)'));
    await expect(slow).rejects.toMatchObject({ code: '57014' });
    await addNote(dataSource, A);
  });

  it('ends a transaction that waits too long, whose rows are gone, and the pool goes on', async () => {
    dataSource = await openTenantDataSource(database, { idleInTransactionTimeoutMs: 50 });
    const work = tenantContext.run(A, () =>
      dataSource.transaction(async (manager) => {
        const client = await (manager.queryRunner as { connect(): Promise<unknown> }).connect();
        const end = ended(client);
        await manager.query(`INSERT INTO "__tenant__".notes (text) VALUES ('late')`);
        await end;
        await manager.query('SELECT 1');
      }),
    );
    await expect(work).rejects.toThrow(Error);
    await addNote(dataSource, A);
    expect(await database.sql(`SELECT FROM tenant_a.notes WHERE text = 'late'`)).toEqual([]);
  });
}

function ended(client: unknown): Promise<unknown> {
  return new Promise((resolve) => (client as NodeJS.EventEmitter).once('end', resolve));
}
