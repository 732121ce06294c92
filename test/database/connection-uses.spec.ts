// DATABASE_CONNECTION_USES: a connection is replaced after so many uses, and with it the backend, whose memory of
// schemas would otherwise grow with every tenant that it serves.
import { dataSourceOptions } from '../../src/database/data-source-options.js';
import { createTenantDataSource } from '../../src/tenancy/index.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});

afterAll(() => database.drop());

/** The backends that served uses, one after the other, of a pool of one connection. */
async function backendsOf(uses: number, databaseConnectionUses?: number): Promise<number[]> {
  const dataSource = await createTenantDataSource(
    dataSourceOptions(
      {
        databasePoolSize: 1,
        logLevel: 'error',
        ...(databaseConnectionUses !== undefined && { databaseConnectionUses }),
      },
      database.url,
    ),
  ).initialize();
  try {
    const backends: number[] = [];
    for (let use = 0; use < uses; use++) {
      const rows: unknown = await dataSource.query('SELECT pg_backend_pid() AS pid');
      backends.push((rows as [{ pid: number }])[0].pid);
    }
    return backends;
  } finally {
    await dataSource.destroy();
  }
}

it('serves each backend no more than the given number of uses', async () => {
  const backends = await backendsOf(10, 3);
  const most = Math.max(
    ...Array.from(new Set(backends), (pid) => backends.filter((each) => each === pid).length),
  );
  expect(most).toBe(3);
  expect(new Set(backends).size).toBeGreaterThanOrEqual(4);
});

it.each([[0], [undefined]])('keeps its backend for good with %s', async (uses) => {
  expect(new Set(await backendsOf(10, uses)).size).toBe(1);
});
