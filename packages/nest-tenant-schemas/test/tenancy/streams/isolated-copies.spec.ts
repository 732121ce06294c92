// COPY and its isolation settings are one implicit transaction. It ends with the COPY, well or not, and whatever
// transaction a caller begins is the caller's.
import { once } from 'node:events';
import { Logger } from '@nestjs/common';
import type pg from 'pg';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import type { DataSource } from 'typeorm';
import { type IsolationOptions, TENANT_SCHEMA, tenantContext } from '../../../src/index.js';
import {
  A,
  addNote,
  B,
  emptyTenants,
  nextConnection,
  poolOf,
  readNote,
  storedTexts,
  untilAllIdle,
  isInTransaction,
} from '../support.js';
import {
  createTenantsWithRoles,
  openWith,
  type TenantsWithRoles,
} from '../roles/tenants-with-roles.js';

const NOTES = `"${TENANT_SCHEMA}".notes`;
const COPY = `COPY (SELECT text FROM ${NOTES}) TO STDOUT`;

let tenants: TenantsWithRoles;

beforeAll(async () => {
  tenants = await createTenantsWithRoles();
});

afterAll(() => tenants.drop());

const SETTINGS: [string, Partial<IsolationOptions>][] = [
  ['the role', { isolation: 'role' }],
  ['the search path', { isolation: 'names', rawSql: 'search_path' }],
];

describe.each(SETTINGS)('with settings for %s', (_, settings) => {
  let dataSource: DataSource;
  let warn: jest.SpyInstance;

  beforeAll(async () => {
    dataSource = await openWith(tenants, settings);
  });

  beforeEach(async () => {
    await emptyTenants(tenants);
    await addNote(dataSource, A);
    await addNote(dataSource, B);
    warn = jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
  });

  afterEach(async () => {
    expect(warn.mock.calls).toEqual([]);
    warn.mockRestore();
    expect(await untilAllIdle(dataSource)).toBe(1);
    expect(await readNote(dataSource, B)).toBe(B.schema);
  });

  afterAll(() => dataSource.destroy());

  const connect = (): Promise<pg.PoolClient> =>
    tenantContext.run(A, () => poolOf(dataSource).connect());

  const addNoteOnServer = (): Promise<unknown> =>
    tenants.sql(`INSERT INTO ${A.schema}.notes (text) VALUES ('later')`);

  const copyOut = async (client: pg.PoolClient, text = COPY): Promise<string> =>
    (await client.query(copyTo(text)).toArray()).join('');

  it('leaves open the transaction in which a caller copies the same as before', async () => {
    const client = await connect();
    expect(await copyOut(client)).toBe('tenant_a\n');
    await client.query('BEGIN');
    await client.query(`DELETE FROM ${NOTES}`);
    expect(await copyOut(client)).toBe('');
    await client.query('ROLLBACK');
    expect(await storedTexts(tenants, A)).toEqual(['tenant_a']);
    client.release();
  });

  it.each(['BEGIN', 'START TRANSACTION'])(
    'leaves a caller’s transaction open after %s that is not awaited',
    async (begin) => {
      const client = await connect();
      void client.query(begin);
      void client.query(`INSERT INTO ${NOTES} (text) VALUES ('undone')`);
      const copied = copyOut(client, COPY);
      await client.query('ROLLBACK');
      expect(await copied).toBe('tenant_a\nundone\n');
      expect(await storedTexts(tenants, A)).toEqual(['tenant_a']);
      client.release();
    },
  );

  it('is the first statement of a transaction', async () => {
    const client = await connect();
    await client.query('START TRANSACTION');
    await client.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ');
    expect(await copyOut(client)).toBe('tenant_a\n');
    await addNoteOnServer();
    expect(await copyOut(client)).toBe('tenant_a\n');
    await client.query('COMMIT');
    expect(await copyOut(client)).toBe('tenant_a\nlater\n');
    client.release();
  });

  it('copies in nothing when its stream is destroyed, and the connection goes on', async () => {
    const client = await connect();
    const copy = client.query(copyFrom(`COPY ${NOTES} (text) FROM STDIN`));
    copy.write('lost\n');
    copy.destroy(new Error('no more'));
    await expect(once(copy, 'close')).rejects.toMatchObject({ code: '57014' });
    expect((await client.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
    client.release();
    expect(await storedTexts(tenants, A)).toEqual(['tenant_a']);
  });

  it.each([
    ['a wrong row', 'text, id', 'wrong\tnumber\n', '22P02'],
    ['a missing column', 'missing', 'lost\n', '42703'],
  ])('copies in nothing with %s, and the connection goes on', async (__, columns, rows, code) => {
    const client = await connect();
    const copy = client.query(copyFrom(`COPY ${NOTES} (${columns}) FROM STDIN`));
    copy.end(rows);
    await expect(once(copy, 'finish')).rejects.toMatchObject({ code });
    expect((await client.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
    client.release();
    expect(await storedTexts(tenants, A)).toEqual(['tenant_a']);
  });

  it('refuses a COPY FROM STDIN without a stream, and the connection goes on', async () => {
    const client = await connect();
    const copied = client.query(`COPY ${NOTES} (text) FROM STDIN`);
    await expect(copied).rejects.toMatchObject({ code: '57014' });
    expect((await client.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
    client.release();
  });

  it('ends each of several that are not awaited', async () => {
    const client = await connect();
    const copied = [copyOut(client), copyOut(client), copyOut(client, COPY.replace('text', 'id'))];
    expect(await Promise.all(copied)).toEqual(['tenant_a\n', 'tenant_a\n', '1\n']);
    expect(await client.query('SELECT 1 AS one')).toMatchObject({ rows: [{ one: 1 }] });
    expect(isInTransaction(client)).toBe(false);
    client.release();
  });

  const FAILURES: [string, string, string][] = [
    ['is refused', COPY.replace('notes', 'missing'), '42P01'],
    [
      'breaks off',
      `COPY (SELECT 1 / (5000 - n) FROM ${NOTES}, generate_series(1, 9999) n) TO STDOUT`,
      '22012',
    ],
  ];

  it.each(FAILURES)('goes on outside a transaction when it %s', async (__, text, code) => {
    const client = await connect();
    const [failed, behind] = await Promise.allSettled([
      copyOut(client, text),
      client.query(`SELECT text FROM ${NOTES}`),
    ]);
    expect(failed).toMatchObject({ reason: { code } });
    expect(behind).toMatchObject({ value: { rows: [{ text: A.schema }] } });
    expect(await copyOut(client)).toBe('tenant_a\n');
    expect(isInTransaction(client)).toBe(false);
    client.release();
  });

  it.each(FAILURES)(
    'returns a connection to the pool that is released when it %s',
    async (__, text, code) => {
      const client = await connect();
      await expect(copyOut(client, text)).rejects.toMatchObject({ code });
      client.release();
      await untilAllIdle(dataSource);
      expect((await nextConnection(dataSource)) === client).toBe(true);
    },
  );

  it('leaves a caller’s transaction failed when it is refused in it', async () => {
    const client = await connect();
    await client.query('BEGIN');
    await client.query(`DELETE FROM ${NOTES}`);
    const refused = copyOut(client, COPY.replace('notes', 'missing'));
    await expect(refused).rejects.toMatchObject({ code: '42P01' });
    await expect(client.query('SELECT 1')).rejects.toMatchObject({ code: '25P02' });
    await client.query('ROLLBACK');
    client.release();
  });
});
