// A prepared statement that the server has lost, or has another one under its name, is sent again and nobody hears of it,
// but for the start of a transaction: then the next try works.
import type { DataSource } from 'typeorm';
import {
  type Tenant,
  tenantContext,
  type TenantDataSourceOptions,
} from '../../src/tenancy/index.js';
import { testServer } from '../support/test-server.js';
import type { TestDatabase } from '../support/test-database.js';
import {
  A,
  B,
  createTwoTenants,
  emptyTenants,
  Note,
  openWithNotes,
  poolOf,
  readNote,
  readNoteTimes,
} from './support.js';

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
    // A transaction goes ahead of pinned statements, and DISCARD ALL runs in none.
    ['DEALLOCATE ALL', { rawSql: 'search_path' as const }],
  ])('goes on when the server has lost them, by %s (%j)', async (statement, pins) => {
    await open(pins);
    await readTimes(3, A);
    // The engine's own statements are not doubted.
    await tenantContext.runAsOwner(undefined, () => dataSource.query(statement));
    expect([await read(A), await read(B), await read(A)]).toEqual([A.schema, B.schema, A.schema]);
  });

  it('tells a transaction that begins after the server has lost its start, and goes on', async () => {
    await open();
    const readInTransaction = (): Promise<Note | null> =>
      tenantContext.run(A, () =>
        dataSource.transaction((manager) => manager.findOneBy(Note, { id: 1 })),
      );
    await readInTransaction();
    await tenantContext.runAsOwner(undefined, () => dataSource.query('DEALLOCATE ALL'));
    await expect(readInTransaction()).rejects.toMatchObject({ code: '26000' });
    expect(await readInTransaction()).toMatchObject({ text: A.schema });
  });

  it('goes on when the name is taken, as behind a pooler that was not seen', async () => {
    await open();
    await readTimes(3, A);
    const [row] = await poolOf(dataSource)
      .query<{ name: string; statement: string }>(
        `SELECT name, statement FROM pg_prepared_statements WHERE statement LIKE '%notes%'`,
      )
      .then(({ rows }) => rows);
    await dataSource.destroy();
    await open();
    await tenantContext.runAsOwner(undefined, () =>
      dataSource.query(`PREPARE "${row?.name}" AS ${row?.statement}`),
    );
    await readTimes(3, A);
    expect(await read(A)).toBe(A.schema);
  });
});
