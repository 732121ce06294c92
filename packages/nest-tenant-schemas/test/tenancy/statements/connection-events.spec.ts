// Events of a connection come from its socket, not from the work of a tenant. Their handlers run without a tenant, never in the
// tenant whose work opened the connection.
import pg from 'pg';
import type { DataSource } from 'typeorm';
import { type Tenant, tenantContext, TenantContextMissingError } from '../../../src/index.js';
import type { TestDatabase } from 'test-support/test-database.js';
import { A, B, createTwoTenants, Note, openTenantDataSource, poolOf } from '../support.js';

let database: TestDatabase;
let dataSource: DataSource;

beforeEach(async () => {
  database ??= await createTwoTenants();
  dataSource = await openTenantDataSource(database, { poolSize: 1 });
});

afterEach(() => dataSource.destroy());

afterAll(() => database.drop());

/** What `work` gives in the handler of a notice that the server sends on a connection of the tenant. */
function onNotice<T>(pool: pg.Pool, tenant: Tenant, work: () => Promise<T>): Promise<T> {
  return tenantContext.run(tenant, async () => {
    const client = await pool.connect();
    let inHandler: Promise<T> | undefined;
    client.once('notice', () => {
      inHandler = work();
      inHandler.catch(() => undefined);
    });
    await client.query(`DO $$ BEGIN RAISE NOTICE 'event'; END $$`);
    client.release();
    if (!inHandler) throw new Error('The server sent no notice.');
    return inHandler;
  });
}

const current = (): Promise<string> =>
  Promise.resolve(tenantContext.current?.schema ?? 'no tenant');

/** Closes the pool's one connection, so that `next` has to wait until A gives it back. */
async function afterDeadConnection<T>(next: () => Promise<T>): Promise<T> {
  const pool = poolOf(dataSource);
  const dead = await tenantContext.run(A, () => pool.connect());
  dead.on('error', () => undefined);
  const ended = new Promise((resolve) => dead.once('end', resolve));
  (dead as unknown as { connection: pg.Connection }).connection.stream.destroy();
  await ended;
  const waiting = next();
  expect(pool.waitingCount).toBe(1);
  tenantContext.run(A, () => dead.release());
  return waiting;
}

it('refuses a read of a tenant in the handler of an event', async () => {
  const read = onNotice(poolOf(dataSource), A, () => dataSource.getRepository(Note).find());
  await expect(read).rejects.toThrow(TenantContextMissingError);
});

it('runs a handler of B without a tenant on a connection that was opened in A', async () => {
  const pool = poolOf(dataSource);
  const first = await pool.connect();
  first.release(true);
  const openedInA = await tenantContext.run(A, () => pool.connect());
  expect(openedInA === first).toBe(false);
  openedInA.release();
  expect(await onNotice(pool, B, current)).toBe('no tenant');
});

it('runs a handler of B without a tenant if A opened the connection at a release', async () => {
  const pool = poolOf(dataSource);
  expect(await afterDeadConnection(() => onNotice(pool, B, current))).toBe('no tenant');
});

describe('control: a plain pool', () => {
  it('runs a handler of B as A, whose work opened the connection', async () => {
    const plain = new pg.Pool({ connectionString: database.url, max: 1 });
    try {
      await tenantContext.run(A, () => plain.query('SELECT 1'));
      expect(await onNotice(plain, B, current)).toBe(A.schema);
    } finally {
      await plain.end();
    }
  });
});
