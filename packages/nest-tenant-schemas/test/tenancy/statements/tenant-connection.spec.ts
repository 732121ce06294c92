// Each override of the engine's connection is taken out in turn, which shows what rests on it: the schema in a text, what
// goes ahead of a statement, the answers that belong to it, and the end of waits.
import { setImmediate } from 'node:timers/promises';
import pg from 'pg';
import Cursor from 'pg-cursor';
import type { DataSource } from 'typeorm';
import { TENANT_SCHEMA, type Tenant, tenantContext } from '../../../src/index.js';
import { TenantConnection } from '../../../src/connection/wire/tenant-connection.js';
import type { TestDatabase } from 'test-support/test-database.js';
import { A, addNote, B, createTwoTenants, openTenantDataSource, poolOf } from '../support.js';

type Override = 'parse' | 'bind' | 'query' | 'emit' | 'once';

const MARKED = `SELECT text FROM "${TENANT_SCHEMA}".notes`;
const UNQUALIFIED = 'SELECT text FROM notes';
/** Left in the session by tenant B, whose own statements need none of it. */
const STAY = `SELECT set_config('search_path', 'tenant_b', false)`;

let database: TestDatabase;
let dataSource: DataSource;

beforeAll(async () => {
  database = await createTwoTenants();
});

beforeEach(async () => {
  await database.sql('TRUNCATE tenant_a.notes, tenant_b.notes CASCADE');
  dataSource = await openTenantDataSource(database, {
    rawSql: 'search_path',
    poolErrorHandler: () => undefined,
  });
  for (const tenant of [A, B]) await addNote(dataSource, tenant);
});

afterEach(async () => {
  jest.restoreAllMocks();
  await dataSource.destroy();
});

afterAll(() => database.drop());

function remove(...overrides: Override[]): void {
  for (const name of overrides) {
    const original = pg.Connection.prototype[name] as never;
    jest.spyOn(TenantConnection.prototype, name).mockImplementation(original);
  }
}

/** Returns the texts that a tenant reads, or the SQLSTATE. A statement with parameters uses the extended protocol. */
async function ask(tenant: Tenant, text: string, isExtended: boolean): Promise<unknown> {
  const sent = isExtended ? [`${text} WHERE $1::int = 1`, [1]] : [text];
  const asked: Promise<{ text: string }[] | undefined> = tenantContext.run(tenant, () =>
    dataSource.query(...(sent as [string, unknown[]?])),
  );
  return asked.then(
    (rows) => rows?.map((row) => row.text),
    ({ code }: pg.DatabaseError) => code,
  );
}

/** What A reads after B has left its path in the session, by a text with the placeholder and by one without a schema. */
async function readAfterB(isExtended: boolean): Promise<unknown[]> {
  await ask(B, STAY, isExtended);
  return [await ask(A, MARKED, isExtended), await ask(A, UNQUALIFIED, isExtended)];
}

describe.each([
  ['simple', ['query']],
  ['extended', ['parse', 'bind']],
] as [string, Override[]][])('by the %s protocol', (protocol, overrides) => {
  const isExtended = protocol === 'extended';

  it('a tenant reads its own rows after another one changed the session', async () => {
    expect(await readAfterB(isExtended)).toEqual([[A.schema], [A.schema]]);
  });

  it('control: without the overrides it gets no schema, and reads the rows of the other', async () => {
    remove(...overrides);
    expect(await readAfterB(isExtended)).toEqual(['42P01', [B.schema]]);
  });

  it('control: without the override of events a statement gets the answers to what went ahead', async () => {
    remove('emit');
    expect(await ask(A, MARKED, isExtended)).not.toEqual([A.schema]);
  });
});

describe('a cursor that is closed on a connection that is gone', () => {
  async function isClosed(): Promise<boolean> {
    const client = await tenantContext.run(A, () => poolOf(dataSource).connect());
    try {
      const cursor = tenantContext.run(A, () => client.query(new Cursor(MARKED)));
      await cursor.read(1);
      const ended = new Promise<void>((resolve) => client.on('end', resolve));
      (client as unknown as pg.Client).connection.stream.destroy();
      await ended;
      let closed = false;
      void cursor.close().then(() => (closed = true));
      await setImmediate();
      await setImmediate();
      return closed;
    } finally {
      client.release(true);
    }
  }

  it('calls back', async () => {
    expect(await isClosed()).toBe(true);
  });

  it('control: without the override of waits it never does', async () => {
    remove('once');
    expect(await isClosed()).toBe(false);
  });
});
