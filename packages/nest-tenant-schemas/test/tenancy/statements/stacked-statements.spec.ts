// isolation: 'role': a tenant's statements go by the extended protocol where they could be two, so that the server refuses a
// second one that input has brought in. The engine's own work on schemas sends several in one message.
import { once } from 'node:events';
import pg from 'pg';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import type { DataSource } from 'typeorm';
import { TENANT_SCHEMA, tenantContext } from '../../../src/index.js';
import {
  A,
  B,
  emptyTenants,
  Note,
  openTenantDataSource,
  poolOf,
  storedTexts,
  untilAllIdle,
} from '../support.js';
import {
  createTenantsWithRoles,
  openWithRoles,
  type TenantsWithRoles,
} from '../roles/tenants-with-roles.js';

const STACKED = `SELECT 1 AS one; RESET ROLE; INSERT INTO public.notices (text) VALUES ('stacked')`;
const REFUSED = expect.objectContaining({ code: '42601' }) as Error;

let tenants: TenantsWithRoles;
let dataSource: DataSource;

beforeAll(async () => {
  tenants = await createTenantsWithRoles();
  dataSource = await openWithRoles(tenants);
});

beforeEach(() => emptyTenants(tenants));

afterAll(async () => {
  await dataSource.destroy();
  await tenants.drop();
});

/** Submits a text that the engine does not see before it is sent. */
function submitHidden(client: pg.PoolClient, text: string): Promise<unknown> {
  const ignore = (): void => undefined;
  return new Promise<void>((resolve, reject) => {
    client.query({
      submit: (connection: pg.Connection) => connection.query(text),
      handleRowDescription: ignore,
      handleDataRow: ignore,
      handleCommandComplete: ignore,
      handleReadyForQuery: resolve,
      handleError: reject,
    } as unknown as pg.Submittable);
  });
}

const notices = (): Promise<unknown[]> => tenants.sql('SELECT text FROM public.notices');

it.each<[string, (pool: pg.Pool) => Promise<unknown>]>([
  ['DataSource.query', () => dataSource.query(STACKED)],
  ['DataSource.query with no parameters', () => dataSource.query(STACKED, [])],
  [
    'a query builder',
    () =>
      dataSource.getRepository(Note).createQueryBuilder('n').where(`1 = 1; ${STACKED}`).getMany(),
  ],
  ['pool.query', (pool) => pool.query(STACKED)],
  ['a statement object', (pool) => pool.query({ text: STACKED })],
  ['a named statement', (pool) => pool.query({ text: STACKED, name: 'stacked' })],
  [
    'a callback',
    (pool) =>
      new Promise((resolve, reject) => {
        pool.query(STACKED, (error, result) => (error ? reject(error) : resolve(result)));
      }),
  ],
  [
    'a query object',
    async (pool) => {
      const client = await pool.connect();
      const query = client.query(new pg.Query(STACKED));
      return new Promise((resolve, reject) => query.on('end', resolve).on('error', reject)).finally(
        () => client.release(),
      );
    },
  ],
])('refuses two statements in one, by %s', async (_, use) => {
  await expect(tenantContext.run(A, () => use(poolOf(dataSource)))).rejects.toThrow(REFUSED);
  expect(await notices()).toEqual([]);
});

it('refuses them as a later statement of a checkout, and in a transaction', async () => {
  await expect(
    tenantContext.run(A, () =>
      dataSource.transaction(async (manager) => {
        await manager.query('SELECT 1');
        await manager.query(STACKED);
      }),
    ),
  ).rejects.toThrow(REFUSED);
  expect(await notices()).toEqual([]);
});

describe('a second statement in the text of what submits itself', () => {
  const DELETE = `DELETE FROM ${B.schema}.notes; COMMIT --`;
  /** With roles input takes that of the other tenant first. */
  const injected = (): string => `SET LOCAL ROLE "${tenants.roleOf(B)}"; ${DELETE}`;

  /** Resolves when the server has run the text, and rejects with its error. */
  const WAYS: [string, (client: pg.PoolClient, second: string) => Promise<unknown>][] = [
    [
      'COPY TO',
      (client, second) =>
        client
          .query(copyTo(`COPY (SELECT 1 WHERE '' = 'x') TO STDOUT; ${second}') TO STDOUT`))
          .toArray(),
    ],
    [
      'COPY FROM',
      (client, second) => {
        const text = `COPY "${TENANT_SCHEMA}".notes (text) FROM STDIN (DELIMITER ';'); ${second}')`;
        const copy = client.query(copyFrom(text));
        copy.end();
        return once(copy, 'finish');
      },
    ],
    [
      'an object that hides its text',
      (client, second) => submitHidden(client, `SELECT 1; ${second}`),
    ],
  ];

  beforeEach(async () => {
    await tenants.sql(`INSERT INTO ${B.schema}.notes (text) VALUES ('${B.schema}')`);
  });

  describe.each(WAYS)('%s', (_, use) => {
    it('is refused, and the connection goes on', async () => {
      await tenantContext.run(A, async () => {
        const client = await poolOf(dataSource).connect();
        await expect(use(client, injected())).rejects.toThrow(REFUSED);
        expect((await client.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
        client.release();
      });
      expect(await untilAllIdle(dataSource)).toBe(1);
      expect(await storedTexts(tenants, B)).toEqual([B.schema]);
    });

    it.each(['BEGIN', 'START TRANSACTION'])('is refused behind %s', async (begin) => {
      await tenantContext.run(A, async () => {
        const client = await poolOf(dataSource).connect();
        await client.query(begin);
        await expect(use(client, injected())).rejects.toThrow(REFUSED);
        await expect(client.query('SELECT 1')).rejects.toMatchObject({ code: '25P02' });
        await client.query('ROLLBACK');
        client.release();
      });
      expect(await storedTexts(tenants, B)).toEqual([B.schema]);
    });

    it('control: is run with isolation by names alone', async () => {
      const open = await openTenantDataSource(tenants, { url: tenants.directUrl });
      await tenantContext.run(A, async () => {
        const client = await poolOf(open).connect();
        await use(client, DELETE).catch(() => undefined);
        // Runs behind it, whatever the stream has made of its answers.
        await client.query('SELECT 1').catch(() => undefined);
        client.release(true);
      });
      await open.destroy();
      expect(await storedTexts(tenants, B)).toEqual([]);
    });
  });
});

it('sends the end of a transaction in one message', async () => {
  const runner = dataSource.createQueryRunner();
  await tenantContext
    .run(A, async () => {
      const { connection } = (await runner.connect()) as pg.Client;
      const parsed = jest.fn();
      await runner.startTransaction();
      await runner.query('SELECT 1');
      connection.on('parseComplete', parsed);
      await runner.query('SELECT 1;');
      expect(parsed).toHaveBeenCalledTimes(1);
      await runner.commitTransaction();
      expect(parsed).toHaveBeenCalledTimes(1);
      connection.off('parseComplete', parsed);
    })
    .finally(() => runner.release());
});

it("leaves a caller's statement object as it was, and its other properties in force", async () => {
  const statement = { text: 'SELECT $1::int AS n', values: [1], rowMode: 'array' as const };
  for (const tenant of [A, B]) {
    const { rows } = await tenantContext.run(tenant, () => poolOf(dataSource).query(statement));
    expect(rows).toEqual([[1]]);
  }
  expect(statement).toEqual({ text: 'SELECT $1::int AS n', values: [1], rowMode: 'array' });
});

it('lets work on schemas send several statements in one message', async () => {
  const results = await tenantContext.runAsOwner(A, () =>
    poolOf(dataSource).query('SELECT 1 AS one; SELECT 2 AS two'),
  );
  expect(results).toHaveLength(2);
});

it('control: with isolation by names alone the second statement is run', async () => {
  const open = await openTenantDataSource(tenants, { url: tenants.directUrl });
  await tenantContext.run(A, () => open.query(STACKED));
  await open.destroy();
  expect(await notices()).toEqual([{ text: 'stacked' }]);
});
