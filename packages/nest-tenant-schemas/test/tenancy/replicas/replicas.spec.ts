// Read replicas: reads go through the replica's pool and writes through the primary's, both with the tenant's
// schema, also behind PgBouncer. Two databases represent the two servers, so that each row shows its server.
import pg from 'pg';
import type { DataSource } from 'typeorm';
import {
  type Tenant,
  TENANT_SCHEMA,
  TenantContextMissingError,
  tenantContext,
} from '../../../src/index.js';
import { until } from 'test-support/poll.js';
import type { TestDatabase } from 'test-support/test-database.js';
import {
  A,
  addNote,
  B,
  createTwoTenants,
  Note,
  openTenantDataSource,
  storedTexts,
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
  dataSource = await openReplicated();
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

/** Opens a DataSource, and waits until its reads use the replica. */
async function openReplicated(): Promise<DataSource> {
  const source = await openTenantDataSource(primary, replicated());
  await untilOnReplica(source);
  return source;
}

async function untilOnReplica(source: DataSource): Promise<void> {
  const usesReplica = async (tenant: Tenant): Promise<boolean> => {
    const runner = source.createQueryRunner('slave');
    const [row] = (await tenantContext.run(tenant, () =>
      runner.query('SELECT current_database() AS name'),
    )) as { name: string }[];
    await runner.release();
    return row?.name === replica.name;
  };
  for (const tenant of [A, B]) await until('reads use the replica', () => usesReplica(tenant));
}

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
});

it('refuses a read on the replica without a tenant', async () => {
  await expect(dataSource.getRepository(Note).find()).rejects.toThrow(TenantContextMissingError);
});

it('control: fails with node-postgres’s pool, which sends the placeholder as it is', async () => {
  const source = await openTenantDataSource(primary, { ...replicated(), poolSize: 2 });
  const { driver } = source as unknown as { driver: { createPool: () => Promise<pg.Pool> } };
  await source.destroy();
  const { createPool } = driver;
  driver.createPool = async function (this: unknown, ...[options, address]: unknown[]) {
    const { url } = address as { url: string };
    if (url === primary.url) return Reflect.apply(createPool, this, [options, address]);
    return new pg.Pool({ connectionString: url }).on('error', () => undefined);
  } as never;
  await source.initialize();
  await untilOnReplica(source);
  const runner = source.createQueryRunner('slave');
  // In a transaction, because a failed read is otherwise repeated on the primary.
  const read = tenantContext.run(A, async () => {
    await runner.startTransaction();
    return runner.manager.find(Note);
  });
  await expect(read).rejects.toMatchObject({
    code: '42P01',
    message: `relation "${TENANT_SCHEMA}.notes" does not exist`,
  });
  await runner.release();
  await source.destroy();
});
