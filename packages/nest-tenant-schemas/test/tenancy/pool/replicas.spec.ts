// Read replicas: reads go through the replica's pool and writes through the primary's, both with the tenant's
// schema. Two databases represent the two servers, so that each row shows its server.
import pg from 'pg';
import { DataSource } from 'typeorm';
import {
  type Tenant,
  TENANT_SCHEMA,
  TenantContextMissingError,
  tenantContext,
  tenantDataSourceOptions,
} from '../../../src/index.js';
import { TenantPool } from '../../../src/connection/pool/tenant-pool.js';
import type { TestDatabase } from 'test-support/test-database.js';
import {
  A,
  addNote,
  B,
  createTwoTenants,
  Note,
  openTenantDataSource,
  storedTexts,
  testOptions,
} from '../support.js';

let primary: TestDatabase;
let replica: TestDatabase;
let dataSource: DataSource;

const replicated = () => ({
  url: undefined,
  replication: { master: { url: primary.url }, slaves: [{ url: replica.url }] },
});

beforeAll(async () => {
  primary = await createTwoTenants();
  replica = await createTwoTenants();
  dataSource = await openTenantDataSource(primary, replicated());
});

beforeEach(async () => {
  for (const [name, database] of Object.entries({ primary, replica })) {
    for (const { schema } of [A, B]) {
      await database.sql(`TRUNCATE ${schema}.notes CASCADE`);
      await database.sql(`INSERT INTO ${schema}.notes (text) VALUES ('${schema} on ${name}')`);
    }
  }
});

afterAll(async () => {
  await dataSource.destroy();
  await primary.drop();
  await replica.drop();
});

async function readIn(source: DataSource, tenant: Tenant): Promise<string | undefined> {
  const [note] = await tenantContext.run(tenant, () => source.getRepository(Note).find());
  return note?.text;
}

/** Many reads at once of both tenants in turn; the ones that gave another tenant's row. */
async function foreignReads(source: DataSource): Promise<(string | undefined)[]> {
  const reads = await Promise.all(
    Array.from({ length: 40 }, (_, index) => readIn(source, index % 2 === 0 ? A : B)),
  );
  return reads.filter((text, index) => text !== `${(index % 2 === 0 ? A : B).schema} on replica`);
}

it('reads the tenant’s rows from the replica and writes them to the primary', async () => {
  expect([await readIn(dataSource, A), await readIn(dataSource, B)]).toEqual([
    'tenant_a on replica',
    'tenant_b on replica',
  ]);
  await addNote(dataSource, B, 'written');
  expect([await storedTexts(primary, B), await storedTexts(replica, B)]).toEqual([
    ['tenant_b on primary', 'written'],
    ['tenant_b on replica'],
  ]);
  expect(await storedTexts(primary, A)).toEqual(['tenant_a on primary']);
});

it('reads from the primary if a query runner selects it, and in a transaction', async () => {
  for (const tenant of [A, B]) {
    await tenantContext.run(tenant, async () => {
      const runner = dataSource.createQueryRunner('master');
      const forced = await runner.manager.find(Note);
      await runner.release();
      const inTransaction = await dataSource.transaction((manager) => manager.find(Note));
      expect([...forced, ...inTransaction].map(({ text }) => text)).toEqual(
        Array(2).fill(`${tenant.schema} on primary`),
      );
    });
  }
});

it('gives every queued read on the replica’s one connection the rows of its own tenant', async () => {
  expect(await foreignReads(dataSource)).toEqual([]);
  const [pool] = (dataSource.driver as unknown as { slaves: pg.Pool[] }).slaves;
  expect([pool?.constructor, pool?.totalCount, pool?.options.max]).toEqual([TenantPool, 1, 1]);
});

it('refuses a read on the replica without a tenant', async () => {
  await expect(dataSource.getRepository(Note).find()).rejects.toThrow(TenantContextMissingError);
});

describe('control: a pool of another kind for the replica only', () => {
  /** A DataSource whose first pool, the replica's, is made by `makeReplicaPool`. */
  async function withReplicaPool(
    makeReplicaPool: (options: pg.PoolConfig) => pg.Pool,
    use: (source: DataSource) => Promise<void>,
  ): Promise<void> {
    let pools = 0;
    class Pool {
      constructor(options: pg.PoolConfig) {
        return pools++ === 0 ? makeReplicaPool(options) : new TenantPool(options);
      }
    }
    const options = tenantDataSourceOptions({ ...testOptions(primary), ...replicated() });
    const source = new DataSource({ ...options, driver: { Pool, defaults: pg.defaults } });
    await source.initialize();
    await use(source).finally(() => source.destroy());
  }

  it('fails with node-postgres’s pool, which sends the placeholder as it is', async () => {
    await withReplicaPool(
      (options) => new pg.Pool(options),
      async (source) => {
        await expect(readIn(source, A)).rejects.toMatchObject({
          code: '42P01',
          message: `relation "${TENANT_SCHEMA}.notes" does not exist`,
        });
      },
    );
  });
});
