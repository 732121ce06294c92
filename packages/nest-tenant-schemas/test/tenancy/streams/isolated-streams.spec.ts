// Cursors, query streams and COPY work with isolation settings, although `pg` rejects them in pipeline mode. They work as the
// first statement of a checkout and as a later one, also after a statement that was not awaited.
import { once } from 'node:events';
import type pg from 'pg';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import Cursor from 'pg-cursor';
import QueryStream from 'pg-query-stream';
import type { DataSource } from 'typeorm';
import { type IsolationOptions, TENANT_SCHEMA, tenantContext } from '../../../src/index.js';
import { A, B, isInTransaction, Note, poolOf, storedTexts, untilAllIdle } from '../support.js';
import {
  createTenantsWithRoles,
  openWith,
  type TenantsWithRoles,
} from '../roles/tenants-with-roles.js';

const TENANTS = [A, B, A];
/** More than a stream fetches at once. */
const ROWS = 250;
const OWN_ROWS = TENANTS.map(({ schema }) => Array.from({ length: ROWS }, () => schema));

let tenants: TenantsWithRoles;

beforeAll(async () => {
  tenants = await createTenantsWithRoles();
});

beforeEach(async () => {
  await tenants.sql('TRUNCATE tenant_a.notes, tenant_b.notes CASCADE');
  for (const { schema } of [A, B]) {
    await tenants.sql(
      `INSERT INTO ${schema}.notes (text) SELECT '${schema}' FROM generate_series(1, ${ROWS})`,
    );
  }
});

afterAll(() => tenants.drop());

const SETTINGS: [string, Partial<IsolationOptions>, string][] = [
  ['the role', { isolation: 'role' }, `"${TENANT_SCHEMA}".notes`],
  ['the search path', { isolation: 'names', rawSql: 'search_path' }, 'notes'],
  ['both', { isolation: 'role', rawSql: 'search_path' }, 'notes'],
];

describe.each(SETTINGS)('with settings for %s', (_, settings, table) => {
  const READ = `SELECT text FROM ${table} ORDER BY id`;
  let dataSource: DataSource;

  beforeAll(async () => {
    dataSource = await openWith(tenants, settings);
  });

  afterAll(async () => {
    expect(await untilAllIdle(dataSource)).toBe(1);
    await dataSource.destroy();
  });

  /** Ways to be ahead of a stream on its connection. */
  const AHEAD: [string, (client: pg.PoolClient) => unknown][] = [
    ['first', () => undefined],
    ['behind a statement', (client) => client.query('SELECT 1')],
    ['after one that is not awaited', (client) => void client.query('SELECT 1')],
    ['in a transaction', (client) => client.query('BEGIN')],
  ];

  /** Uses the one connection for each tenant in turn, after what is ahead. */
  async function textsInTurn(
    ahead: (client: pg.PoolClient) => unknown,
    use: (client: pg.PoolClient) => Promise<string[]>,
  ): Promise<string[][]> {
    const texts: string[][] = [];
    for (const tenant of TENANTS) {
      const client = await tenantContext.run(tenant, () => poolOf(dataSource).connect());
      await ahead(client);
      texts.push(await use(client));
      if (isInTransaction(client)) await client.query('COMMIT');
      client.release();
    }
    return texts;
  }

  it.each(AHEAD)('reads a cursor, %s', async (__, ahead) => {
    const texts = textsInTurn(ahead, async (client) => {
      const cursor = client.query(new Cursor<{ text: string }>(READ));
      const rows = [
        ...(await cursor.read(100)),
        ...(await cursor.read(100)),
        ...(await cursor.read(100)),
      ];
      await cursor.close();
      return rows.map(({ text }) => text);
    });
    expect(await texts).toEqual(OWN_ROWS);
  });

  it.each(AHEAD)('reads a query stream, %s', async (__, ahead) => {
    const texts = textsInTurn(ahead, async (client) => {
      const rows = client.query(new QueryStream(READ, [], { batchSize: 10 }));
      return (await rows.toArray()).map(({ text }: { text: string }) => text);
    });
    expect(await texts).toEqual(OWN_ROWS);
  });

  it.each(AHEAD)('reads rows in parts, %s', async (__, ahead) => {
    const texts = textsInTurn(ahead, async (client) => {
      const { rows } = await client.query<{ text: string }>({
        text: READ,
        rows: 100,
      } as pg.QueryConfig);
      return rows.map(({ text }) => text);
    });
    expect(await texts).toEqual(OWN_ROWS);
  });

  it.each(AHEAD)('copies out, %s', async (__, ahead) => {
    const texts = textsInTurn(ahead, async (client) => {
      const copied = await client.query(copyTo(`COPY (${READ}) TO STDOUT`)).toArray();
      return copied.join('').trimEnd().split('\n');
    });
    expect(await texts).toEqual(OWN_ROWS);
  });

  it.each(AHEAD)('copies in, %s', async (__, ahead) => {
    for (const tenant of [A, B]) {
      const client = await tenantContext.run(tenant, () => poolOf(dataSource).connect());
      await ahead(client);
      const copy = client.query(copyFrom(`COPY ${table} (text) FROM STDIN`));
      copy.end(`copied into ${tenant.schema}\n`);
      await once(copy, 'finish');
      if (isInTransaction(client)) await client.query('COMMIT');
      client.release();
      expect((await storedTexts(tenants, tenant)).at(-1)).toBe(`copied into ${tenant.schema}`);
    }
  });

  it('streams a query builder’s rows', async () => {
    for (const tenant of TENANTS) {
      const rows = await tenantContext.run(tenant, () =>
        dataSource.getRepository(Note).createQueryBuilder('n').select('n.text', 'text').stream(),
      );
      const texts = (await rows.toArray()).map(({ text }: { text: string }) => text);
      expect(texts).toEqual(Array.from({ length: ROWS }, () => tenant.schema));
    }
  });

  it('answers statements in the order in which they were sent, without awaiting', async () => {
    for (const tenant of TENANTS) {
      const client = await tenantContext.run(tenant, () => poolOf(dataSource).connect());
      const answers = await Promise.all(
        [1, 2, 3].map((n) =>
          client.query<{ n: number; text: string }>(`SELECT ${n} AS n, text FROM ${table} LIMIT 1`),
        ),
      );
      client.release();
      expect(answers.map(({ rows }) => rows[0])).toEqual(
        [1, 2, 3].map((n) => ({ n, text: tenant.schema })),
      );
    }
  });
});
