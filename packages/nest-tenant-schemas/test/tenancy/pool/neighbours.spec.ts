// One tenant cannot take the whole pool: its share is held, its neighbours are served meanwhile, and waits are
// bounded and timed, so that nothing waits for ever, not even a transaction that wants a second connection.
import type pg from 'pg';
import type { DataSource } from 'typeorm';
import {
  PoolExhaustedError,
  TenancyOptionsError,
  type Tenant,
  tenantContext,
  tenantDataSourceOptions,
  type TenantDataSourceOptions,
} from '../../../src/index.js';
import type { TestDatabase } from 'test-support/test-database.js';
import {
  A,
  addNote,
  B,
  createTwoTenants,
  emptyTenants,
  openTenantDataSource,
  poolOf,
  storedTexts,
  testOptions,
} from '../support.js';

const POOL_SIZE = 4;
const SHARE = 3;

let database: TestDatabase;
let dataSource: DataSource;

beforeAll(async () => {
  database = await createTwoTenants();
});

afterEach(async () => {
  await dataSource.destroy();
  await emptyTenants(database);
});

afterAll(() => database.drop());

async function openPool(options: Partial<TenantDataSourceOptions> = {}): Promise<void> {
  dataSource = await openTenantDataSource(database, { poolSize: POOL_SIZE, ...options });
}

const connect = (tenant: Tenant): Promise<pg.PoolClient> =>
  tenantContext.run(tenant, () => poolOf(dataSource).connect());

const borrow = async (tenant: Tenant): Promise<void> => (await connect(tenant)).release();

const hold = (tenant: Tenant, count: number): Promise<pg.PoolClient[]> =>
  Promise.all(Array.from({ length: count }, () => connect(tenant)));

/** Connections in use, and how many wait. */
function counts(): [inUse: number, waiting: number] {
  const { totalCount, idleCount, waitingCount } = poolOf(dataSource);
  return [totalCount - idleCount, waitingCount];
}

/** A function that resolves for all its callers when so many have called it. */
function barrier(count: number): () => Promise<void> {
  let left = count;
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return () => {
    left -= 1;
    if (left === 0) open();
    return opened;
  };
}

it('serves a neighbour while a tenant has its share and wants more', async () => {
  await openPool();
  const held = await hold(A, SHARE);
  const waiting = Promise.all(Array.from({ length: 10 }, () => borrow(A)));
  expect(counts()).toEqual([SHARE, 10]);
  await addNote(dataSource, B);
  expect(await storedTexts(database, B)).toEqual(['tenant_b']);
  expect(counts()).toEqual([SHARE, 10]);
  for (const client of held) client.release();
  await waiting;
  expect(counts()).toEqual([0, 0]);
});

it('control: without a share of its own the neighbour waits until the tenant is done', async () => {
  await openPool({ maxConnectionsPerTenant: POOL_SIZE });
  const held = await hold(A, POOL_SIZE);
  const neighbour = connect(B);
  expect(counts()).toEqual([POOL_SIZE, 1]);
  held.pop()?.release();
  (await neighbour).release();
  for (const client of held) client.release();
});

it('serves a neighbour after one longer waiting checkout, not after all', async () => {
  await openPool({ maxConnectionsPerTenant: 1, poolSize: 1 });
  const order: string[] = [];
  const take = async (tenant: Tenant, name: string): Promise<void> => {
    const client = await connect(tenant);
    order.push(name);
    client.release();
  };
  const held = await connect(A);
  const all = [take(A, 'a1'), take(A, 'a2'), take(A, 'a3'), take(B, 'b1')];
  held.release();
  await Promise.all(all);
  expect(order).toEqual(['a1', 'b1', 'a2', 'a3']);
});

it('rejects only checkouts beyond the limit, by promise and by callback', async () => {
  await openPool({ maxConnectionsPerTenant: 1, maxWaitingPerTenant: 1 });
  const held = await connect(A);
  const waiting = connect(A);
  const refused = await addNote(dataSource, A).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(PoolExhaustedError);
  expect(refused).toMatchObject({
    code: 'POOL_EXHAUSTED',
    share: 'tenant',
    schema: 'tenant_a',
    reason: 'full',
  });
  const heard = await new Promise((resolve) =>
    tenantContext.run(A, () => poolOf(dataSource).connect((error) => resolve(error))),
  );
  expect(heard).toBeInstanceOf(PoolExhaustedError);
  await addNote(dataSource, B);
  held.release();
  (await waiting).release();
  await addNote(dataSource, A);
  expect(await storedTexts(database, A)).toEqual(['tenant_a']);
});

it('ends a wait that takes too long, and serves the other waiting checkouts', async () => {
  await openPool({ poolSize: 1, maxWaitMs: 50 });
  const held = await connect(A);
  await expect(connect(B)).rejects.toMatchObject({ share: 'pool', reason: 'late' });
  await expect(connect(A)).rejects.toMatchObject({ share: 'tenant', reason: 'late' });
  expect(counts()).toEqual([1, 0]);
  held.release();
  await addNote(dataSource, B);
  expect(counts()).toEqual([0, 0]);
});

it('fails transactions that need a second connection when none is free', async () => {
  await openPool({ maxConnectionsPerTenant: 2, maxWaitMs: 50 });
  const bothBegan = barrier(2);
  const transaction = (): Promise<unknown> =>
    tenantContext.run(A, () =>
      dataSource.transaction(async (manager) => {
        await manager.query(`INSERT INTO "__tenant__".notes (text) VALUES ('half')`);
        await bothBegan();
        return addNote(dataSource, A, 'second');
      }),
    );
  const outcomes = await Promise.allSettled([transaction(), transaction()]);
  const failed = outcomes.filter(({ status }) => status === 'rejected');
  expect(failed.length).toBeGreaterThan(0);
  for (const { reason } of failed as PromiseRejectedResult[]) {
    expect(reason).toBeInstanceOf(PoolExhaustedError);
  }
  const done = outcomes.length - failed.length;
  expect((await storedTexts(database, A)).filter((text) => text === 'half')).toHaveLength(done);
  expect(counts()).toEqual([0, 0]);
});

it('does not wait for work on shared tables until a tenant has room', async () => {
  await openPool({ maxConnectionsPerTenant: 1 });
  const held = await connect(A);
  const waiting = connect(A);
  await dataSource.query('SELECT 1');
  await Promise.all(Array.from({ length: 20 }, () => dataSource.query('SELECT 1')));
  expect(counts()).toEqual([1, 1]);
  held.release();
  (await waiting).release();
});

it('rejects waiting checkouts when the pool ends', async () => {
  await openPool({ poolSize: 1 });
  const held = await connect(A);
  const waiting = connect(B);
  const ended = poolOf(dataSource).end();
  await expect(waiting).rejects.toThrow('The pool has ended.');
  held.release();
  await ended;
  await openPool();
});

it.each([
  [{ maxConnectionsPerTenant: 0 }, 'maxConnectionsPerTenant must be a whole number of at least 1'],
  [{ maxWaiting: -1 }, 'maxWaiting must be a whole number of at least 0'],
  [{ maxWaitMs: 0.5 }, 'maxWaitMs must be a whole number of at least 1'],
  [{ statementTimeoutMs: NaN }, 'statementTimeoutMs must be a whole number of at least 0'],
])('refuses %j at the definition', async (options, message) => {
  await openPool();
  const define = (): unknown => tenantDataSourceOptions(testOptions(database, options));
  expect(define).toThrow(TenancyOptionsError);
  expect(define).toThrow(message);
});
