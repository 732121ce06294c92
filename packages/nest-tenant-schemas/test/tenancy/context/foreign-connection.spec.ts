// A connection of A refuses every statement while B is current, before a byte is sent: whatever its text, the object that
// carries it and the setting. Where no tenant is current, the connection still works as A.
import type { Socket } from 'node:net';
import { Logger } from '@nestjs/common';
import pg from 'pg';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import Cursor from 'pg-cursor';
import QueryStream from 'pg-query-stream';
import type { DataSource, QueryRunner } from 'typeorm';
import {
  dataSourceFor,
  type IsolationOptions,
  TENANT_SCHEMA,
  tenantContext,
  TenantMismatchError,
} from '../../../src/index.js';
import { TenantClient } from '../../../src/connection/client/tenant-client.js';
import { A, addNote, B, openTenantDataSource, poolOf, storedTexts } from '../support.js';
import {
  createTenantsWithRoles,
  openWithRoles,
  type TenantsWithRoles,
} from '../roles/tenants-with-roles.js';

type Client = pg.PoolClient & TenantClient;

let tenants: TenantsWithRoles;
let dataSource: DataSource;

beforeAll(async () => {
  tenants = await createTenantsWithRoles();
});

afterAll(() => tenants.drop());

const SETTINGS: [string, IsolationOptions['isolation'], IsolationOptions['rawSql']][] = [
  ['names', 'names', 'qualified'],
  ['a search path', 'names', 'search_path'],
  ['roles', 'role', 'qualified'],
  ['roles and a search path', 'role', 'search_path'],
];

const TEXTS = [
  `SELECT text FROM "${TENANT_SCHEMA}".notes`,
  'SELECT text FROM notes',
  `INSERT INTO notes (text) VALUES ('foreign')`,
  'SELECT 1',
  'SELECT text FROM public.notices',
  '/* no tenant */ SELECT 1; SELECT 2',
  `SET search_path TO ''`,
  'BEGIN',
  'START TRANSACTION',
  'SAVEPOINT s',
  'COMMIT',
  'ROLLBACK',
  '',
];

/** Every object that can carry a statement. */
const CARRIERS: Record<string, (client: Client, text: string) => unknown> = {
  'a text': (client, text) => client.query(text),
  'a text with parameters': (client, text) => client.query(text, [1]),
  'a config': (client, text) => client.query({ text, name: 'named' }),
  'a config with a callback': (client, text) =>
    new Promise((resolve, reject) => {
      client.query({ text }, (error, result) => (error ? reject(error) : resolve(result)));
    }),
  'a text with a callback': (client, text) =>
    new Promise((resolve, reject) => {
      client.query(text, [], (error, result) => (error ? reject(error) : resolve(result)));
    }),
  'a pg.Query': (client, text) => client.query(new pg.Query(text)),
  'a cursor': (client, text) => client.query(new Cursor(text)),
  'a query stream': (client, text) => client.query(new QueryStream(text)),
  'a COPY in': (client) => client.query(copyFrom('COPY notes (text) FROM STDIN')),
  'a COPY out': (client) => client.query(copyTo('COPY notes TO STDOUT')),
  'an object that hides its text': (client) => client.query({ submit: () => undefined } as never),
};

describe.each(SETTINGS)('with isolation by %s', (_, isolation, rawSql) => {
  beforeAll(async () => {
    const open = isolation === 'role' ? openWithRoles : openTenantDataSource;
    dataSource = await open(tenants, { isolation, rawSql });
  });

  beforeEach(async () => {
    // The pool warns of a connection that is released with an open transaction.
    jest.spyOn(Logger.prototype, 'warn').mockImplementation();
    await tenants.sql('TRUNCATE tenant_a.notes, tenant_b.notes RESTART IDENTITY CASCADE');
    await addNote(dataSource, A);
    await addNote(dataSource, B);
  });

  afterEach(async () => {
    jest.restoreAllMocks();
    expect(await storedTexts(tenants, B)).toEqual([B.schema]);
  });

  afterAll(() => dataSource.destroy());

  const connectIn = (tenant: typeof A | undefined): Promise<Client> => {
    const connect = (): Promise<Client> => poolOf(dataSource).connect() as Promise<Client>;
    return tenant ? tenantContext.run(tenant, connect) : connect();
  };

  /** Sends inside B, and expects the refusal, with nothing written to the socket. */
  async function expectRefused(client: Client, send: () => unknown): Promise<void> {
    const stream = client.connection.stream as Socket;
    const before = stream.bytesWritten;
    await expect(tenantContext.run(B, async () => send())).rejects.toMatchObject({
      constructor: TenantMismatchError,
      ownerSchema: A.schema,
      currentSchema: B.schema,
    });
    expect(stream.bytesWritten).toBe(before);
    expect(client.hasWork).toBe(false);
  }

  it.each(Object.entries(CARRIERS))('refuses every text in %s', async (_carrier, send) => {
    const client = await connectIn(A);
    for (const text of TEXTS) await expectRefused(client, () => send(client, text));
    expect((await client.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
    client.release();
    expect(await storedTexts(tenants, A)).toEqual([A.schema]);
  });

  it('refuses every text in a query runner and in its stream', async () => {
    const runner = dataSource.createQueryRunner();
    const client = (await tenantContext.run(A, () => runner.connect())) as Client;
    for (const text of TEXTS) {
      await expectRefused(client, () => runner.query(text));
      await expectRefused(client, () => runner.stream(text));
    }
    expect(await tenantContext.run(A, () => runner.query('SELECT 1 AS one'))).toEqual([{ one: 1 }]);
    await runner.release();
  });

  it.each<[string, (runner: QueryRunner) => Promise<unknown>]>([
    ['startTransaction()', (runner) => runner.startTransaction()],
    ['commitTransaction()', (runner) => runner.commitTransaction()],
    ['rollbackTransaction()', (runner) => runner.rollbackTransaction()],
  ])('refuses %s inside the transaction of A, which still commits', async (_method, use) => {
    await tenantContext.run(A, () =>
      dataSource.transaction(async (manager) => {
        const runner = manager.queryRunner as QueryRunner;
        await manager.query(`INSERT INTO "${TENANT_SCHEMA}".notes (text) VALUES ('kept')`);
        await expect(tenantContext.run(B, () => use(runner))).rejects.toThrow(TenantMismatchError);
      }),
    );
    expect(await storedTexts(tenants, A)).toEqual([A.schema, 'kept']);
  });

  it('undoes the transaction of A that B could not end before it released the connection', async () => {
    const client = await connectIn(A);
    await client.query('BEGIN');
    await client.query(`INSERT INTO "${TENANT_SCHEMA}".notes (text) VALUES ('undone')`);
    await expectRefused(client, () => client.query('COMMIT'));
    await expectRefused(client, () => client.query('ROLLBACK'));
    tenantContext.run(B, () => client.release());
    const next = await connectIn(B);
    expect(next).not.toBe(client);
    next.release();
    expect(await storedTexts(tenants, A)).toEqual([A.schema]);
  });

  it('works as A outside every tenant', async () => {
    const client = await connectIn(A);
    const read = `SELECT text FROM ${rawSql === 'qualified' ? `"${TENANT_SCHEMA}".` : ''}notes`;
    const outside = tenantContext.runWithoutTenant(() => client.query(read));
    expect((await outside).rows).toEqual([{ text: A.schema }]);
    client.release();
  });

  it('lets a bound handle of A work inside B, and refuses it no text', async () => {
    const runner = dataSourceFor(dataSource, A).createQueryRunner();
    await tenantContext.run(B, async () => {
      expect(await runner.query(`SELECT text FROM "${TENANT_SCHEMA}".notes`)).toEqual([
        { text: A.schema },
      ]);
      await runner.query('SELECT 1');
      await runner.release();
    });
  });

  it('lets a connection of no tenant use shared tables inside B, and none of any tenant', async () => {
    const client = await connectIn(undefined);
    await tenantContext.run(B, async () => {
      expect((await client.query('SELECT text FROM public.notices')).rows).toEqual([]);
      await expect(client.query('SELECT text FROM notes')).rejects.toMatchObject({ code: '42P01' });
      const marked = client.query(`SELECT text FROM "${TENANT_SCHEMA}".notes`);
      await expect(marked).rejects.toMatchObject({ code: 'TENANT_CONTEXT_MISSING' });
    });
    client.release();
  });

  it('control: without the comparison the statement of B acts in A', async () => {
    jest.spyOn(TenantClient.prototype, 'assertOwnTenant').mockReturnValue();
    const table = rawSql === 'qualified' ? `"${TENANT_SCHEMA}".notes` : 'notes';
    await tenantContext.run(A, () =>
      dataSource.transaction((manager) =>
        tenantContext.run(B, () => manager.query(`INSERT INTO ${table} (text) VALUES ('foreign')`)),
      ),
    );
    expect(await storedTexts(tenants, A)).toEqual([A.schema, 'foreign']);
  });
});
