// A tenant is served by the connection that has met its schema before, while that one is idle: a backend remembers every
// table that it has touched. A pool that hands out whichever connection came back last fails the first of these.
import type pg from 'pg';
import type { DataSource } from 'typeorm';
import type { TenantClient } from '../../../src/connection/client/tenant-client.js';
import { type Tenant, tenantContext } from '../../../src/index.js';
import { testServer } from 'test-support/test-server.js';
import type { TestDatabase } from 'test-support/test-database.js';
import { createTwoTenants, openTenantDataSource, poolOf } from '../support.js';

const POOL_SIZE = 4;

/** Nothing is asked of them: their schemas need not exist. */
const TENANTS = Array.from({ length: 30 }, (_, index): Tenant => ({
  id: `tenant ${index}`,
  schema: `affine_${index}`,
}));

let database: TestDatabase;
let dataSource: DataSource;

beforeAll(async () => {
  database = await createTwoTenants();
  dataSource = await openTenantDataSource(database, { poolSize: POOL_SIZE });
  const all = await Promise.all(TENANTS.slice(0, POOL_SIZE).map(connect));
  for (const client of all) client.release();
});

afterAll(async () => {
  await dataSource.destroy();
  await database.drop();
});

function connect(tenant: Tenant): Promise<pg.PoolClient> {
  return tenantContext.run(tenant, () => poolOf(dataSource).connect());
}

function numberOf(client: pg.PoolClient): number {
  return (client as pg.PoolClient & TenantClient).number;
}

/** Which connection each tenant is given, one after the other. */
async function served(): Promise<number[]> {
  const numbers: number[] = [];
  for (const tenant of TENANTS) {
    const client = await connect(tenant);
    numbers.push(numberOf(client));
    client.release();
  }
  return numbers;
}

const { isBehindPgBouncer } = testServer();

// Which backend serves is a pooler's choice there: no connection is waited for.
(isBehindPgBouncer ? describe : describe.skip)('behind a pooler', () => {
  it('gives the last released connection, and another one if that is busy', async () => {
    const numbers = await served();
    expect(new Set(numbers).size).toBe(1);
    const [tenant] = TENANTS as [Tenant];
    const clients = [await connect(tenant), await connect(tenant)];
    for (const client of clients) client.release();
    expect(numberOf(clients[0] as pg.PoolClient)).toBe(numbers[0]);
    expect(numberOf(clients[1] as pg.PoolClient)).not.toBe(numbers[0]);
  });
});

(isBehindPgBouncer ? describe.skip : describe)('on a server', () => {
  it('gives a tenant the same connection again, and each connection some of the tenants', async () => {
    const first = await served();
    expect(new Set(first).size).toBe(POOL_SIZE);
    expect([await served(), await served()]).toEqual([first, first]);
  });

  it('gives another one while that is busy, and the first again afterwards', async () => {
    const first = await served();
    const [tenant] = TENANTS as [Tenant];
    const busy = await connect(tenant);
    expect(numberOf(busy)).toBe(first[0]);
    const second = await connect(tenant);
    expect(numberOf(second)).not.toBe(first[0]);
    second.release();
    busy.release();
    expect(await served()).toEqual(first);
  });

  it("lets the owner's work wait for none", async () => {
    await served();
    const tenant = TENANTS[20] as Tenant;
    const busy = await connect(tenant);
    const order: string[] = [];
    const note = async (who: string, connecting: Promise<pg.PoolClient>): Promise<void> => {
      const client = await connecting;
      order.push(who);
      client.release();
    };
    const waits = note('tenant', connect(tenant));
    const pool = poolOf(dataSource);
    await note(
      'owner',
      tenantContext.runAsOwner(tenant, () => pool.connect()),
    );
    busy.release();
    await waits;
    expect(order).toEqual(['owner', 'tenant']);
  });

  it('serves another tenant by the connection that a waiting tenant passes over', async () => {
    const two = await openTenantDataSource(database, { poolSize: 2, maxConnectionsPerTenant: 2 });
    const [waiter, other] = TENANTS as [Tenant, Tenant];
    const take = (tenant: Tenant): Promise<pg.PoolClient> =>
      tenantContext.run(tenant, () => poolOf(two).connect());
    const [busy, passedOver] = await Promise.all([take(waiter), take(other)]);
    passedOver.release();
    const order: string[] = [];
    const note = async (who: string, connecting: Promise<pg.PoolClient>): Promise<void> => {
      const client = await connecting;
      order.push(`${who} by ${numberOf(client)}`);
      client.release();
    };
    const waits = note('waiter', take(waiter));
    await note('other', take(other));
    busy.release();
    await waits;
    await two.destroy();
    expect(order).toEqual([`other by ${numberOf(passedOver)}`, `waiter by ${numberOf(busy)}`]);
  });

  it('gives checkouts of the same moment each its own', async () => {
    const first = await served();
    const clients = await Promise.all(TENANTS.slice(0, POOL_SIZE).map(connect));
    const given = clients.map(numberOf);
    for (const client of clients) client.release();
    expect(given).toEqual(first.slice(0, POOL_SIZE));
  });

  it('opens no connection while one is idle', async () => {
    await served();
    expect(poolOf(dataSource).totalCount).toBe(POOL_SIZE);
  });
});
