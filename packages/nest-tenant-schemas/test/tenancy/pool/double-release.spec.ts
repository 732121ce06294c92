// A second release of a connection, which pg-pool refuses, comes when the connection may be another tenant's
// already: it must not take the connection from that tenant.
import type { DataSource } from 'typeorm';
import { TENANT_SCHEMA, tenantContext, TenantContextMissingError } from '../../../src/index.js';
import type { TenantClient } from '../../../src/connection/client/tenant-client.js';
import type { TestDatabase } from 'test-support/test-database.js';
import { A, B, createTwoTenants, openTenantDataSource, poolOf, storedTexts } from '../support.js';

const INSERT = `INSERT INTO "${TENANT_SCHEMA}".notes (text) VALUES ('b')`;

let database: TestDatabase;
let dataSource: DataSource;

beforeAll(async () => {
  database = await createTwoTenants();
  dataSource = await openTenantDataSource(database, { poolSize: 1 });
});

afterAll(async () => {
  await dataSource.destroy();
  await database.drop();
});

/** Lets A release its connection, which B gets, and B do its work on it. */
async function inBAfterA(
  work: (client: TenantClient, releaseOfA: () => void) => Promise<void>,
): Promise<void> {
  const pool = poolOf(dataSource);
  const client = await tenantContext.run(A, () => pool.connect());
  const releaseOfA = client.release;
  releaseOfA();
  await tenantContext.run(B, async () => {
    const ofB = await pool.connect();
    try {
      expect(ofB === client).toBe(true);
      await work(ofB as unknown as TenantClient, releaseOfA);
    } finally {
      ofB.release();
    }
  });
}

it('is refused, and leaves the connection to the tenant that has it now', async () => {
  await inBAfterA(async (client, releaseOfA) => {
    expect(() => releaseOfA()).toThrow('already been released');
    expect(client.tenant).toEqual(B);
    await client.query(INSERT);
  });
  expect(await storedTexts(database, B)).toEqual(['b']);
});

describe('control: a second release that does what the first did', () => {
  it('takes the connection from the tenant that has it now', async () => {
    await inBAfterA(async (client) => {
      client.unbind();
      await expect(client.query(INSERT)).rejects.toThrow(TenantContextMissingError);
    });
  });
});
