// rawSql: 'search_path': a change of the search_path ends with its checkout. A rollback of such a change does not undo the
// search_path of the engine.
import type { DataSource, QueryRunner } from 'typeorm';
import pg from 'pg';
import { type Tenant, tenantContext } from '../../../src/index.js';
import type { TestDatabase } from 'test-support/test-database.js';
import { A, addNote, B, createTwoTenants, openTenantDataSource, poolOf } from '../support.js';

const READ = 'SELECT text FROM notes';

let database: TestDatabase;
let dataSource: DataSource;

beforeAll(async () => {
  database = await createTwoTenants();
  dataSource = await openTenantDataSource(database, {
    url: database.url,
    rawSql: 'search_path',
  });
  for (const tenant of [A, B]) await addNote(dataSource, tenant);
});

afterAll(async () => {
  await dataSource.destroy();
  await database.drop();
});

async function readOn(holder: Pick<DataSource, 'query'>): Promise<unknown> {
  return (await holder.query<{ text: string }[]>(READ))[0]?.text;
}

const readIn = (tenant: Tenant): Promise<unknown> =>
  tenantContext.run(tenant, () => readOn(dataSource));

/** Runs work on one runner of A's. The pool has one connection: the next checkout is on the same. */
async function inA(work: (runner: QueryRunner) => Promise<void>): Promise<void> {
  const runner = dataSource.createQueryRunner();
  await tenantContext.run(A, () => work(runner)).finally(() => runner.release());
}

const CHANGES: [string, string[]][] = [
  ['SET', [`SET search_path TO ${B.schema}`]],
  ['set_config', [`SELECT set_config('search_path', '${B.schema}', false)`]],
  [
    'set_config in a block',
    [`DO $$ BEGIN PERFORM set_config('search_path', '${B.schema}', false); END $$`],
  ],
  ['RESET', ['RESET search_path']],
  ['RESET ALL', ['RESET ALL']],
  ['SET in a transaction', ['BEGIN', `SET search_path TO ${B.schema}`, 'COMMIT']],
  ['SET LOCAL', ['BEGIN', `SET LOCAL search_path TO ${B.schema}`, 'COMMIT']],
  [
    'SET in a transaction that is rolled back',
    ['BEGIN', `SET search_path TO ${B.schema}`, 'ROLLBACK'],
  ],
  [
    'SET behind a savepoint',
    ['BEGIN', 'SAVEPOINT s', `SET search_path TO ${B.schema}`, 'ROLLBACK TO SAVEPOINT s', 'COMMIT'],
  ],
  [
    'SET before and behind a savepoint',
    [
      'BEGIN',
      `SET search_path TO ${B.schema}`,
      'SAVEPOINT s',
      `SET search_path TO ${A.schema}`,
      'ROLLBACK TO SAVEPOINT s',
      'COMMIT',
    ],
  ],
];

it.each(CHANGES)(
  'is right at the next checkout, of either tenant, after %s',
  async (_, statements) => {
    for (const next of [A, B]) {
      await inA(async (runner) => {
        expect(await readOn(runner)).toBe(A.schema);
        for (const statement of statements) await runner.query(statement);
      });
      expect(await readIn(next)).toBe(next.schema);
      expect(await readIn(A)).toBe(A.schema);
    }
    expect(poolOf(dataSource).totalCount).toBe(1);
  },
);

it('stays through a rollback to a savepoint, and of the transaction', async () => {
  await readIn(B);
  await inA(async (runner) => {
    await runner.startTransaction();
    await runner.query('SAVEPOINT s');
    await expect(runner.query('SELECT 1 / 0')).rejects.toMatchObject({ code: '22012' });
    await runner.query('ROLLBACK TO SAVEPOINT s');
    expect(await readOn(runner)).toBe(A.schema);
    await runner.rollbackTransaction();
    expect(await readOn(runner)).toBe(A.schema);
  });
});

it('stays when the first statement of a checkout fails', async () => {
  await readIn(B);
  await inA(async (runner) => {
    await expect(runner.query('SELECT 1 / 0')).rejects.toMatchObject({ code: '22012' });
    expect(await readOn(runner)).toBe(A.schema);
  });
});

it('is back at the end of a SET LOCAL of the caller’s own', async () => {
  await inA(async (runner) => {
    await runner.startTransaction();
    await runner.query(`SET LOCAL search_path TO ${B.schema}`);
    expect(await readOn(runner)).toBe(B.schema);
    await runner.commitTransaction();
    expect(await readOn(runner)).toBe(A.schema);
  });
});

it('control: keeps the other tenant’s path after a rollback of its own', async () => {
  const client = new pg.Client({ connectionString: database.directUrl });
  await client.connect();
  await client.query(`SET search_path TO ${B.schema}`);
  for (const text of [
    'BEGIN',
    'SAVEPOINT s',
    `SET search_path TO ${A.schema}`,
    'ROLLBACK TO SAVEPOINT s',
  ]) {
    await client.query(text);
  }
  expect((await client.query(READ)).rows).toEqual([{ text: B.schema }]);
  await client.end();
});
