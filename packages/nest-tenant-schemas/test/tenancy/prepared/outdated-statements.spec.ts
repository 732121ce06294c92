// A prepared statement that no longer fits its tables, as a migration has changed them, is sent again, with the
// transaction that it begins. Behind other statements of a transaction, and before others, the caller gets an error, and the
// next try works.
import pg from 'pg';
import type { DataSource, EntityManager } from 'typeorm';
import { TENANT_SCHEMA, tenantContext } from '../../../src/index.js';
import { testServer } from 'test-support/test-server.js';
import type { TestDatabase } from 'test-support/test-database.js';
import {
  A,
  createTwoTenants,
  emptyTenants,
  openWithNotes,
  poolOf,
  preparedTexts,
  readNote,
  readNoteTimes,
  storedTexts,
} from '../support.js';

// Behind a pooler none are kept: prepared-statements.spec.ts.
const describeDirect = testServer().isBehindPgBouncer ? describe.skip : describe;

const INSERT = `INSERT INTO "${TENANT_SCHEMA}".notes (text) VALUES ($1)`;

let database: TestDatabase;
let dataSource: DataSource;

beforeAll(async () => {
  database = await createTwoTenants();
});

beforeEach(async () => {
  dataSource = await openWithNotes(database);
});

afterEach(async () => {
  await dataSource.destroy();
  await change('text USING text::text');
  await emptyTenants(database);
});

afterAll(() => database.drop());

const change = (type: string): Promise<unknown> =>
  database.sql(`ALTER TABLE tenant_a.notes ALTER COLUMN text TYPE ${type}`);

const read = (): Promise<string | undefined> => readNote(dataSource, A);

const readTimes = (count: number): Promise<void> => readNoteTimes(dataSource, count, A);

const inTransaction = <T>(work: (manager: EntityManager) => Promise<T>): Promise<T> =>
  tenantContext.run(A, () => dataSource.transaction(work));

describeDirect('on a connection to the server itself', () => {
  it('reads it all the same, and keeps the statement again', async () => {
    await readTimes(3);
    await change('varchar(100)');
    expect([await read(), await read(), await read()]).toEqual([A.schema, A.schema, A.schema]);
    expect((await preparedTexts(dataSource)).ofTenants).toEqual([
      expect.stringContaining('"tenant_a"."notes"'),
    ]);
  });

  it('finds by a parameter of another type', async () => {
    await database.sql(`UPDATE tenant_a.notes SET text = '7'`);
    const find = (value: unknown): Promise<unknown> =>
      tenantContext.run(A, () =>
        dataSource.query(`SELECT id FROM "${TENANT_SCHEMA}".notes WHERE text = $1`, [value]),
      );
    for (let times = 0; times < 3; times++) expect(await find('7')).toEqual([{ id: 1 }]);
    await change('int USING text::int');
    for (let times = 0; times < 3; times++) expect(await find(7)).toEqual([{ id: 1 }]);
    expect((await preparedTexts(dataSource)).ofTenants).toEqual([
      expect.stringContaining('"tenant_a".notes'),
    ]);
  });

  it('undoes the transaction that writes by it behind another statement, and the next one works', async () => {
    const write = (): Promise<unknown> =>
      inTransaction(async (manager) => {
        await manager.query('SELECT 1');
        await manager.query(`${INSERT} RETURNING text`, ['first']);
        return manager.query(`${INSERT} RETURNING text`, ['second']);
      });
    await write();
    await change('varchar(100)');
    await expect(write()).rejects.toMatchObject({
      driverError: { code: 'STATEMENT_OUTDATED', cause: { code: '0A000' } },
    });
    expect(await storedTexts(database, A)).toEqual([A.schema, 'first', 'second']);
    expect(await write()).toEqual([{ text: 'second' }]);
  });

  it('rolls back one whose parameter no longer fits, and reports a wrong statement as is', async () => {
    const write = (value: unknown): Promise<unknown> =>
      inTransaction(async (manager) => {
        await manager.query('SELECT 1');
        await manager.query(INSERT, [value]);
      });
    await write('7');
    await write('7');
    await change('int USING length(text)');
    await expect(write(7)).rejects.toMatchObject({
      driverError: { code: 'STATEMENT_OUTDATED', cause: { code: '42804' } },
    });
    await write(7);
    const misspelt = INSERT.replace('text', 'txet');
    for (let times = 0; times < 3; times++) {
      const written = inTransaction((manager) => manager.query(misspelt, ['7']));
      await expect(written).rejects.toMatchObject({ code: '42703' });
    }
  });

  it('control: the server refuses it when it is sent by its name', async () => {
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    const statement = { name: 'kept', text: 'SELECT text FROM tenant_a.notes' };
    await client.query(statement);
    await change('varchar(100)');
    await expect(client.query(statement)).rejects.toMatchObject({
      code: '0A000',
      routine: 'RevalidateCachedQuery',
    });
    await client.end();
  });

  it('begins the transaction once more that begins with it, unless others were sent behind it', async () => {
    const write = (): Promise<unknown> =>
      inTransaction(async (manager) => {
        const first = manager.query(`${INSERT} RETURNING text`, ['first']);
        return Promise.all([first, manager.query('SELECT 1 AS one')]);
      });
    const answers = [[{ text: 'first' }], [{ one: 1 }]];
    for (let times = 0; times < 3; times++) expect(await write()).toEqual(answers);
    await change('varchar(100)');
    await expect(write()).rejects.toMatchObject({ driverError: { code: 'STATEMENT_OUTDATED' } });
    expect(await storedTexts(database, A)).toEqual([A.schema, 'first', 'first', 'first']);
    expect(await write()).toEqual(answers);
  });

  it('does not let what was sent meanwhile be overtaken', async () => {
    const client = await tenantContext.run(A, () => poolOf(dataSource).connect());
    const select = (): Promise<pg.QueryResult> =>
      client.query(`SELECT text FROM "${TENANT_SCHEMA}".notes WHERE id = $1`, [1]);
    try {
      await tenantContext.run(A, async () => {
        await select();
        await select();
        await change('varchar(100)');
        const results = await Promise.allSettled([select(), client.query('SELECT 1')]);
        expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
        expect((await select()).rows).toEqual([{ text: A.schema }]);
      });
    } finally {
      client.release();
    }
  });
});
