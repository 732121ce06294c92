// DATABASE_CONNECTION_SCHEMAS: a connection is replaced when it has met so many schemas, and with it the backend, whose
// memory of them would otherwise grow with every tenant that it serves.
import { dataSourceOptions } from '../../src/database/data-source-options.js';
import { createTenantDataSource, type Tenant, tenantContext } from 'nest-tenant-schemas';
import { createTestDatabase, type TestDatabase } from 'test-support/test-database.js';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});

afterAll(() => database.drop());

/** Nothing is asked of them: their schemas need not exist. */
function tenants(count: number): Tenant[] {
  return Array.from({ length: count }, (_, index) => ({
    id: `tenant ${index}`,
    schema: `met_${index}`,
  }));
}

/** The backends that served tenants, one after the other, of a pool of one connection. */
async function backendsOf(
  turns: readonly (Tenant | undefined)[],
  databaseConnectionSchemas?: number,
): Promise<number[]> {
  const dataSource = await createTenantDataSource(
    dataSourceOptions(
      {
        databasePoolSize: 1,
        logLevel: 'error',
        ...(databaseConnectionSchemas !== undefined && { databaseConnectionSchemas }),
      },
      database.url,
    ),
  ).initialize();
  const ask = (): Promise<[{ pid: number }]> =>
    dataSource.query('SELECT pg_catalog.pg_backend_pid() AS pid');
  try {
    const backends: number[] = [];
    for (const tenant of turns) {
      const [{ pid }] = tenant ? await tenantContext.run(tenant, ask) : await ask();
      backends.push(pid);
    }
    return backends;
  } finally {
    await dataSource.destroy();
  }
}

it('lets each backend meet no more than the given number of schemas', async () => {
  const backends = await backendsOf(tenants(9), 3);
  expect([0, 3, 6].map((first) => new Set(backends.slice(first, first + 3)).size)).toEqual([
    1, 1, 1,
  ]);
  expect(new Set(backends).size).toBe(3);
});

it('keeps a backend that meets no further schemas, however often it is used', async () => {
  const two = tenants(2);
  const turns = Array.from({ length: 5 }, () => [...two, undefined]).flat();
  expect(new Set(await backendsOf(turns, 3)).size).toBe(1);
});

it.each([[0], [undefined]])('keeps its backend for good with %s', async (most) => {
  expect(new Set(await backendsOf(tenants(20), most)).size).toBe(1);
});
