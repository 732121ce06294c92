// The tenant of a connection is not part of the session state. ROLLBACK, ROLLBACK TO SAVEPOINT and failed transactions
// therefore do not change it. They would undo SET search_path.
import pg from 'pg';
import type { DataSource, QueryRunner } from 'typeorm';
import { TENANT_SCHEMA, type Tenant, tenantContext } from '../../../src/index.js';
import type { TestDatabase } from 'test-support/test-database.js';
import {
  A,
  addNote,
  B,
  createTwoTenants,
  emptyTenants,
  nextConnection,
  Note,
  openTenantDataSource,
  storedTexts,
} from '../support.js';

let database: TestDatabase;
let dataSource: DataSource;

beforeAll(async () => {
  database = await createTwoTenants();
  dataSource = await openTenantDataSource(database, { poolSize: 1 });
});

beforeEach(async () => {
  await emptyTenants(database);
  await addNote(dataSource, A);
  await addNote(dataSource, B);
});

afterAll(async () => {
  await dataSource.destroy();
  await database.drop();
});

const texts = async (): Promise<string[]> =>
  (await dataSource.getRepository(Note).find({ order: { id: 'ASC' } })).map(({ text }) => text);

const textsOf = (tenant: Tenant): Promise<string[]> => tenantContext.run(tenant, texts);

const textsIn = async (runner: QueryRunner): Promise<string[]> =>
  (await runner.manager.find(Note, { order: { id: 'ASC' } })).map(({ text }) => text);

/** Runs `work` in a tenant on a query runner of its own. */
function onRunner<T>(tenant: Tenant, work: (runner: QueryRunner) => Promise<T>): Promise<T> {
  return tenantContext.run(tenant, async () => {
    const runner = dataSource.createQueryRunner();
    try {
      return await work(runner);
    } finally {
      await runner.release();
    }
  });
}

it('reads every tenant on one connection as before, after the ROLLBACK of the other one', async () => {
  const connection = await nextConnection(dataSource);
  for (const [tenant, other] of [
    [A, B],
    [B, A],
  ] as const) {
    await onRunner(tenant, async (runner) => {
      await runner.startTransaction();
      await runner.manager.save(Note, { text: 'undone' });
      await runner.rollbackTransaction();
      expect(await textsIn(runner)).toEqual([tenant.schema]);
    });
    expect(await textsOf(other)).toEqual([other.schema]);
    expect(await textsOf(tenant)).toEqual([tenant.schema]);
  }
  expect((await nextConnection(dataSource)) === connection).toBe(true);
});

it('stays in its tenant after ROLLBACK TO SAVEPOINT, and keeps what was written before it', async () => {
  await onRunner(A, async (runner) => {
    await runner.startTransaction();
    await runner.manager.save(Note, { text: 'kept' });
    await runner.startTransaction();
    await runner.manager.save(Note, { text: 'undone' });
    await runner.rollbackTransaction();
    expect(await textsIn(runner)).toEqual([A.schema, 'kept']);
    await runner.commitTransaction();
  });
  expect(await textsOf(B)).toEqual([B.schema]);
  expect(await storedTexts(database, A)).toEqual([A.schema, 'kept']);
  expect(await storedTexts(database, B)).toEqual([B.schema]);
});

it('leaves nothing behind when a transaction fails on the server', async () => {
  const connection = await nextConnection(dataSource);
  const failing = tenantContext.run(A, () =>
    dataSource.transaction(async (manager) => {
      await manager.save(Note, { text: 'undone' });
      await manager.query(`INSERT INTO "${TENANT_SCHEMA}".notes (id, text) VALUES (1, 'twice')`);
    }),
  );
  await expect(failing).rejects.toMatchObject({ driverError: { code: '23505' } });
  expect(await textsOf(B)).toEqual([B.schema]);
  expect(await textsOf(A)).toEqual([A.schema]);
  expect((await nextConnection(dataSource)) === connection).toBe(true);
});

describe('control: SET search_path in the place of the placeholder', () => {
  const READ = 'SELECT text FROM notes';

  /** Reads of B, by an unqualified name, after `undo`; the session was A's before. */
  async function readAfter(...undo: string[]): Promise<unknown[]> {
    const client = new pg.Client({ connectionString: database.directUrl });
    await client.connect();
    try {
      for (const statement of undo) await client.query(statement);
      return (await client.query<{ text: string }>(READ)).rows.map(({ text }) => text);
    } finally {
      await client.end();
    }
  }

  const use = (tenant: Tenant): string => `SET search_path TO ${tenant.schema}`;

  it("reads the previous tenant's rows after ROLLBACK", async () => {
    expect(await readAfter(use(A), 'BEGIN', use(B), 'ROLLBACK')).toEqual([A.schema]);
  });

  it("reads the previous tenant's rows after ROLLBACK TO SAVEPOINT", async () => {
    const steps = [use(A), 'BEGIN', 'SAVEPOINT before', use(B), 'ROLLBACK TO SAVEPOINT before'];
    expect(await readAfter(...steps)).toEqual([A.schema]);
  });

  it("reads the previous tenant's rows after a COMMIT that became a ROLLBACK", async () => {
    const failed = `DO $$ BEGIN RAISE 'fails'; END $$`;
    const client = new pg.Client({ connectionString: database.directUrl });
    await client.connect();
    try {
      for (const statement of [use(A), 'BEGIN', use(B)]) await client.query(statement);
      await expect(client.query(failed)).rejects.toThrow('fails');
      expect((await client.query('COMMIT')).command).toBe('ROLLBACK');
      expect((await client.query(READ)).rows).toEqual([{ text: A.schema }]);
    } finally {
      await client.end();
    }
  });
});
