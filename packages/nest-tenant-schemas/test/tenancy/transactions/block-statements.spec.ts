// Statements that PostgreSQL accepts only in a transaction block fail outside of one in every setting: what the engine sends
// ahead of a statement must not make a block of it, in which LOCK TABLE would succeed and lock nothing afterwards.
import type pg from 'pg';
import type { DataSource } from 'typeorm';
import { TENANT_SCHEMA, tenantContext } from '../../../src/index.js';
import { A, addNote, B, emptyTenants, openTenantDataSource, poolOf } from '../support.js';
import {
  createTenantsWithRoles,
  EVERY_SETTING,
  openWith,
  type TenantsWithRoles,
} from '../roles/tenants-with-roles.js';

const NOTES = `"${TENANT_SCHEMA}".notes`;
const OUTSIDE_BLOCK = { code: '25P01' };

type Send = (client: pg.PoolClient, text: string) => Promise<unknown>;

const SENT: [string, Send][] = [
  ['a text', (client, text) => client.query(text)],
  [
    'an object of the extended protocol',
    (client, text) => client.query({ text, queryMode: 'extended' } as never),
  ],
  ['a prepared statement', (client, text) => client.query({ name: 'lock', text })],
  [
    'a text behind one that is not awaited',
    async (client, text) => {
      const [, sent] = await Promise.allSettled([client.query('SELECT 1'), client.query(text)]);
      if (sent.status === 'rejected') throw sent.reason;
    },
  ],
];

let tenants: TenantsWithRoles;

beforeAll(async () => {
  tenants = await createTenantsWithRoles();
});

afterAll(() => tenants.drop());

describe.each(EVERY_SETTING)('with %s', (_, settings) => {
  let dataSource: DataSource;

  beforeAll(async () => {
    dataSource = await openWith(tenants, settings);
    await emptyTenants(tenants);
    for (const tenant of [A, B]) await addNote(dataSource, tenant);
  });

  afterAll(() => dataSource.destroy());

  async function onClient<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    return tenantContext.run(A, async () => {
      const client = await poolOf(dataSource).connect();
      try {
        return await work(client);
      } finally {
        await client.query('ROLLBACK');
        client.release();
      }
    });
  }

  it.each(SENT)('rejects LOCK TABLE outside a block, sent as %s', async (__, send) => {
    await onClient(async (client) => {
      for (let times = 0; times < 2; times++) {
        const locked = send(client, `/* now */ lock table ${NOTES} in share mode;`);
        await expect(locked).rejects.toMatchObject(OUTSIDE_BLOCK);
      }
      expect((await client.query(`SELECT text FROM ${NOTES}`)).rows).toEqual([{ text: A.schema }]);
    });
  });

  it.each(SENT)('rejects DECLARE outside a block, sent as %s', async (__, send) => {
    await onClient(async (client) => {
      const declared = send(client, `DECLARE c CURSOR FOR SELECT text FROM ${NOTES}`);
      await expect(declared).rejects.toMatchObject({
        code: expect.stringMatching(/^(?:25P01|42501)$/) as string,
      });
    });
  });

  it('accepts both in a block, and a cursor that outlives its statement', async () => {
    await onClient(async (client) => {
      await client.query('BEGIN');
      await client.query(`LOCK TABLE ${NOTES} IN ACCESS SHARE MODE`);
      await client.query(`DECLARE c CURSOR FOR SELECT text FROM ${NOTES}`);
      expect((await client.query('FETCH ALL FROM c')).rows).toEqual([{ text: A.schema }]);
      await client.query('COMMIT');
      await client.query(`DECLARE h CURSOR WITH HOLD FOR SELECT text FROM ${NOTES}`);
      expect((await client.query('FETCH ALL FROM h')).rows).toEqual([{ text: A.schema }]);
      await client.query('CLOSE h');
      await client.query('START TRANSACTION');
      await client.query(`LOCK TABLE ${NOTES} IN ACCESS SHARE MODE`);
    });
  });
});

it('accepts LOCK TABLE in a text of several statements, which is a block', async () => {
  const dataSource = await openTenantDataSource(tenants, { rawSql: 'search_path' });
  const sent = tenantContext.run(A, () =>
    poolOf(dataSource).query('LOCK TABLE notes IN SHARE MODE; SELECT text FROM notes'),
  ) as unknown as Promise<pg.QueryResult[]>;
  expect((await sent).at(-1)?.rows).toEqual([{ text: A.schema }]);
  await dataSource.destroy();
});
