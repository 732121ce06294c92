// A prepared statement that the server has lost is sent again, and no caller notices. A transaction that writes by one fails
// once, with advice to try again.
import type { DataSource } from 'typeorm';
import { type Tenant, tenantContext, type TenantDataSourceOptions } from '../../../src/index.js';
import { testServer } from 'test-support/test-server.js';
import type { TestDatabase } from 'test-support/test-database.js';
import {
  A,
  B,
  createTwoTenants,
  emptyTenants,
  Note,
  openWithNotes,
  readNote,
  readNoteTimes,
} from '../support.js';

// Behind a pooler none are kept: prepared-statements.spec.ts.
const describeDirect = testServer().isBehindPgBouncer ? describe.skip : describe;

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

async function open(options: Partial<TenantDataSourceOptions> = {}): Promise<void> {
  dataSource = await openWithNotes(database, options);
}

const read = (tenant: Tenant): Promise<string | undefined> => readNote(dataSource, tenant);

const readTimes = (count: number, tenant: Tenant): Promise<void> =>
  readNoteTimes(dataSource, count, tenant);

describeDirect('on a connection to the server itself', () => {
  it.each([
    ['DEALLOCATE ALL', {}],
    ['DISCARD ALL', {}],
    // A transaction goes ahead of statements with isolation settings, and DISCARD ALL runs in none.
    ['DEALLOCATE ALL', { rawSql: 'search_path' as const }],
  ])('goes on when the server has lost them, by %s (%j)', async (statement, settings) => {
    await open(settings);
    await readTimes(3, A);
    // The engine's own statements are not doubted.
    await tenantContext.runAsOwner(undefined, () => dataSource.query(statement));
    expect([await read(A), await read(B), await read(A)]).toEqual([A.schema, B.schema, A.schema]);
  });

  it('begins a transaction all the same, and a write in it fails once with advice', async () => {
    await open();
    const write = (): Promise<Note> =>
      tenantContext.run(A, () =>
        dataSource.transaction(async (manager) => {
          expect(await manager.findOneBy(Note, { id: 1 })).toMatchObject({ text: A.schema });
          return manager.save(Note, { text: 'written' });
        }),
      );
    for (let times = 0; times < 3; times++) await write();
    await tenantContext.runAsOwner(undefined, () => dataSource.query('DEALLOCATE ALL'));
    await expect(write()).rejects.toMatchObject({
      driverError: { code: 'STATEMENT_OUTDATED', cause: { code: '26000' } },
    });
    expect(await write()).toMatchObject({ text: 'written' });
  });
});
