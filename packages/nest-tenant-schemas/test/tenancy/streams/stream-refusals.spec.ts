// A cursor, stream or COPY without a tenant is refused before a byte is sent, or, where its object hides the
// text, by closing the connection; and one that is abandoned half-read takes its connection with it.
import { Logger } from '@nestjs/common';
import pg, { type Submittable } from 'pg';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import Cursor from 'pg-cursor';
import QueryStream from 'pg-query-stream';
import type { DataSource } from 'typeorm';
import {
  TENANT_SCHEMA,
  TenantContextMissingError,
  TenantMismatchError,
  tenantContext,
} from '../../../src/index.js';
import type { TestDatabase } from 'test-support/test-database.js';
import {
  A,
  B,
  createTwoTenants,
  Note,
  openTenantDataSource,
  poolOf,
  untilAllIdle,
} from '../support.js';

const READ = `SELECT text FROM "${TENANT_SCHEMA}".notes ORDER BY id`;

let database: TestDatabase;
let dataSource: DataSource;

beforeAll(async () => {
  database = await createTwoTenants();
  await database.sql(`INSERT INTO tenant_a.notes (text) VALUES ('tenant_a'), ('tenant_a');
                      INSERT INTO tenant_b.notes (text) VALUES ('tenant_b')`);
  dataSource = await openTenantDataSource(database);
});

afterEach(() => untilAllIdle(dataSource));

afterAll(async () => {
  await dataSource.destroy();
  await database.drop();
});

it.each<[string, () => Submittable]>([
  ['a cursor', () => new Cursor(READ)],
  ['a query stream', () => new QueryStream(READ)],
  ['COPY FROM', () => copyFrom(`COPY "${TENANT_SCHEMA}".notes (text) FROM STDIN`)],
  ['COPY TO', () => copyTo(`COPY (${READ}) TO STDOUT`)],
  ['a query object', () => new pg.Query(READ)],
])('refuses %s without a tenant, and the connection stays in use', async (_, make) => {
  const client = await poolOf(dataSource).connect();
  try {
    expect(() => client.query(make())).toThrow(TenantContextMissingError);
    expect((await client.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
  } finally {
    client.release();
  }
});

it('refuses stream() of a query builder and of a query runner without a tenant', async () => {
  const builder = dataSource.getRepository(Note).createQueryBuilder();
  await expect(builder.stream()).rejects.toThrow(TenantContextMissingError);
  const runner = dataSource.createQueryRunner();
  await expect(runner.stream(READ)).rejects.toThrow(TenantContextMissingError);
  await runner.release();
});

/** Sends a text that no property shows. */
class HiddenStatement implements Submittable {
  readonly failed: Promise<Error>;
  handleError!: (error: Error) => void;

  constructor() {
    this.failed = new Promise((resolve) => {
      this.handleError = resolve;
    });
  }

  submit(connection: pg.Connection): void {
    connection.query(READ);
  }
}

it('closes the connection of an object that hides its text, and the process lives', async () => {
  const pool = poolOf(dataSource);
  const client = await pool.connect();
  const statement = new HiddenStatement();
  client.query(statement);
  expect(await statement.failed).toBeInstanceOf(TenantContextMissingError);
  client.release();
  expect(await untilAllIdle(dataSource)).toBe(0);
  const rows = await tenantContext.run(A, () => pool.query(`${READ} LIMIT 1`));
  expect(rows.rows).toEqual([{ text: 'tenant_a' }]);
});

it("refuses an object that hides its text on another tenant's connection, which stays in use", async () => {
  const client = await tenantContext.run(A, () => poolOf(dataSource).connect());
  const send = (): unknown => client.query(new HiddenStatement());
  expect(() => tenantContext.run(B, send)).toThrow(TenantMismatchError);
  expect((await client.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
  client.release();
});

/** Releases a cursor's client with rows still to come, and checks out the next one for B. */
async function abandonCursor(pool: pg.Pool, text: string) {
  const client = await tenantContext.run(A, () => pool.connect());
  const cursor = client.query(new Cursor<{ text: string }>(text));
  expect(await cursor.read(1)).toEqual([{ text: 'tenant_a' }]);
  client.release();
  const next = await tenantContext.run(B, () => pool.connect());
  return { client, cursor, next };
}

it('gives the next tenant another connection when a half-read cursor was released', async () => {
  const warn = jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
  const { client, next } = await abandonCursor(poolOf(dataSource), READ);
  try {
    expect(warn.mock.calls).toEqual([
      [
        expect.stringContaining(
          'of tenant schema "tenant_a" was released while a statement was still',
        ),
      ],
    ]);
    expect(next).not.toBe(client);
    expect((await tenantContext.run(B, () => next.query(READ))).rows).toEqual([
      { text: 'tenant_b' },
    ]);
  } finally {
    warn.mockRestore();
    next.release();
  }
});

it('closes the connection of a query builder’s stream that is left early', async () => {
  const stream = await tenantContext.run(A, () =>
    dataSource.getRepository(Note).createQueryBuilder('n').select('n.text', 'text').stream(),
  );
  for await (const row of stream) {
    expect(row).toEqual({ text: 'tenant_a' });
    break;
  }
  const [note] = await tenantContext.run(B, () => dataSource.getRepository(Note).find());
  expect(note?.text).toBe('tenant_b');
});

describe('control: a pool that accepts every released client', () => {
  it('gives the next tenant the connection on which the first one’s rows still come', async () => {
    const pool = new pg.Pool({ connectionString: database.url, max: 1 });
    try {
      const read = READ.replace(TENANT_SCHEMA, A.schema);
      const { client, cursor, next } = await abandonCursor(pool, read);
      expect(next).toBe(client);
      expect(await cursor.read(1)).toEqual([{ text: 'tenant_a' }]);
      await cursor.close();
      next.release();
    } finally {
      await pool.end();
    }
  });
});
