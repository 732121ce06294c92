// The server keeps a repeated statement prepared, with a name for one text in one schema. No tenant gets rows of another one,
// also after changes of the schemas, and callers never notice the prepared statements.
import pg from 'pg';
import type { DataSource, EntityManager } from 'typeorm';
import {
  TENANT_SCHEMA,
  type Tenant,
  tenantContext,
  type TenantDataSourceOptions,
} from '../../../src/index.js';
import { startCountingProxy } from 'test-support/counting-proxy.js';
import { testServer } from 'test-support/test-server.js';
import type { TestDatabase } from 'test-support/test-database.js';
import {
  A,
  B,
  createTwoTenants,
  emptyTenants,
  Note,
  openWithNotes,
  poolOf,
  preparedTexts,
  readNote,
  readNoteTimes,
} from '../support.js';

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

const prepared = async (): Promise<string[]> => (await preparedTexts(dataSource)).ofTenants;

/** Does the same three times in one transaction of A's. */
const inTransaction = (work: (manager: EntityManager) => Promise<unknown>): Promise<void> =>
  tenantContext.run(A, () =>
    dataSource.transaction(async (manager) => {
      for (let times = 0; times < 3; times++) await work(manager);
    }),
  );

const INSERT = `INSERT INTO "${TENANT_SCHEMA}".notes (text) VALUES ($1)`;

const SETTINGS: Partial<TenantDataSourceOptions>[] = [{}, { rawSql: 'search_path' }];

it.each(SETTINGS)(
  'gives each tenant its own rows, in turn on one connection (%j)',
  async (settings) => {
    await open(settings);
    const texts: unknown[] = [];
    for (let turn = 0; turn < 5; turn++) texts.push(await read(A), await read(B));
    expect(texts).toEqual(Array.from({ length: 5 }, () => [A.schema, B.schema]).flat());
  },
);

const { isBehindPgBouncer } = testServer();

// A pooler's sessions are other clients' as well.
const describePooled = isBehindPgBouncer ? describe : describe.skip;

describePooled('behind a pooler', () => {
  it('keeps none', async () => {
    await open();
    await readTimes(3, A);
    expect(await prepared()).toEqual([]);
  });
});

// What is kept can be looked at only there.
const describeDirect = isBehindPgBouncer ? describe.skip : describe;

describeDirect('on a connection to the server itself', () => {
  it('keeps a statement from its second use on, of each tenant apart', async () => {
    await open();
    await readTimes(1, A);
    expect(await prepared()).toEqual([]);
    await readTimes(3, A);
    await readTimes(3, B);
    expect(await prepared()).toEqual([
      expect.stringContaining('"tenant_a"."notes"'),
      expect.stringContaining('"tenant_b"."notes"'),
    ]);
  });

  it('prepares no read in a transaction, none of shared tables, and none with the option 0', async () => {
    await open();
    await inTransaction((manager) => manager.findOneBy(Note, { id: 1 }));
    await inTransaction((manager) => manager.query(`${INSERT} RETURNING *`, ['a']));
    for (let times = 0; times < 3; times++) {
      await dataSource.query('SELECT text FROM public.notices WHERE id = $1', [1]);
    }
    expect(await prepared()).toEqual([]);
    await dataSource.destroy();
    await open({ preparedStatements: 0 });
    await readTimes(3, A);
    expect(await prepared()).toEqual([]);
  });

  it('keeps writes in a transaction, be they the first in it or not', async () => {
    await open();
    await inTransaction((manager) => manager.save(Note, { text: A.schema }));
    await inTransaction((manager) => manager.update(Note, { id: 1 }, { text: A.schema }));
    await inTransaction((manager) => manager.delete(Note, { id: 2 }));
    expect(await prepared()).toEqual([
      expect.stringMatching(/^INSERT INTO "tenant_a"."notes"/),
      expect.stringMatching(/^UPDATE "tenant_a"."notes"/),
      expect.stringMatching(/^DELETE FROM "tenant_a"."notes"/),
    ]);
  });

  it('asks which columns it has no more once it is kept', async () => {
    const proxy = await startCountingProxy(database.url);
    await open({ url: proxy.url });
    const client = await tenantContext.run(A, () => poolOf(dataSource).connect());
    const select = (): Promise<pg.QueryResult> =>
      client.query(`SELECT text, id FROM "${TENANT_SCHEMA}".notes WHERE id = $1`, [1]);
    proxy.reset();
    for (let times = 0; times < 5; times++) await select();
    const { rows, fields } = await select();
    client.release();
    expect(rows).toEqual([{ text: A.schema, id: 1 }]);
    expect(fields.map(({ name }) => name)).toEqual(['text', 'id']);
    expect([proxy.statements, proxy.descriptions]).toEqual([6, 2]);
    await proxy.close();
  });

  it('keeps at most the configured number, the last used ones', async () => {
    await open({ preparedStatements: 1 });
    await readTimes(3, A);
    await readTimes(3, B);
    expect(await prepared()).toEqual([expect.stringContaining('"tenant_b"."notes"')]);
    await readTimes(3, A);
    expect(await prepared()).toEqual([expect.stringContaining('"tenant_a"."notes"')]);
  });

  it('closes what it keeps no more in one write with the next statement', async () => {
    await open({ preparedStatements: 1 });
    const client = await tenantContext.run(A, () => poolOf(dataSource).connect());
    const select = (column: string): Promise<pg.QueryResult> =>
      client.query(`SELECT ${column} FROM "${TENANT_SCHEMA}".notes WHERE id = $1`, [1]);
    for (const column of ['text', 'text', 'id']) await select(column);
    const { stream } = (client as unknown as pg.Client).connection;
    const [single, several] = [
      jest.spyOn(stream, '_write'),
      jest.spyOn(stream, '_writev' as '_write'),
    ];
    await select('id');
    expect([single, several].map(({ mock }) => mock.calls.length)).toEqual([0, 1]);
    client.release();
    expect(await prepared()).toEqual([expect.stringContaining('SELECT id')]);
  });

  it("reads the new schema's rows when another one takes the name of a schema", async () => {
    await open();
    await readTimes(3, A);
    await database.sql(
      `ALTER SCHEMA tenant_a RENAME TO tenant_former;
       ALTER SCHEMA tenant_b RENAME TO tenant_a`,
    );
    const text = await read(A);
    await database.sql(
      `ALTER SCHEMA tenant_a RENAME TO tenant_b;
       ALTER SCHEMA tenant_former RENAME TO tenant_a`,
    );
    expect([text, await read(A)]).toEqual([B.schema, A.schema]);
  });

  it.each([{}, { rawSql: 'search_path' } as const])(
    'prepares nothing of what goes ahead of statements (%j)',
    async (options) => {
      await open(options);
      for (const tenant of [A, B, A, B]) {
        await readTimes(3, tenant);
        await tenantContext.run(tenant, () =>
          dataSource.transaction((manager) => manager.findOneBy(Note, { id: 1 })),
        );
      }
      const { ahead, ofTenants } = await preparedTexts(dataSource);
      expect(ahead).toEqual([]);
      expect(ofTenants).toEqual([
        expect.stringContaining('"tenant_a"."notes"'),
        expect.stringContaining('"tenant_b"."notes"'),
      ]);
    },
  );

  it('gives the same statement another name on each connection', async () => {
    await open();
    const names = async (): Promise<string[]> => {
      await readTimes(3, A);
      const { rows } = await poolOf(dataSource).query<{ name: string }>(
        'SELECT name FROM pg_prepared_statements',
      );
      return rows.map(({ name }) => name);
    };
    const [first, ...others] = await names();
    expect(others).toEqual([]);
    (await poolOf(dataSource).connect()).release(true);
    expect(await names()).not.toContain(first);
  });

  it('reports the errors of the statement itself, and goes on', async () => {
    await open();
    const divide = (by: number): Promise<unknown> =>
      tenantContext.run(A, () =>
        dataSource.query(`SELECT id / $1::int AS result FROM "${TENANT_SCHEMA}".notes`, [by]),
      );
    await divide(1);
    await divide(1);
    await expect(divide(0)).rejects.toMatchObject({ code: '22012' });
    expect(await divide(1)).toEqual([{ result: 1 }]);
  });
});
