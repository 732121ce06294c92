// A stream or a cursor ends with an error if its connection is cut at any point. The reader gets the error, and the pool gets
// its connection back. Without `TenantConnection.once` pg-cursor would wait for an answer forever.
import Cursor from 'pg-cursor';
import type { Readable } from 'node:stream';
import type pg from 'pg';
import type { DataSource } from 'typeorm';
import { TENANT_SCHEMA, tenantContext } from '../../../src/index.js';
import type { TestDatabase } from 'test-support/test-database.js';
import {
  A,
  addNote,
  createTwoTenants,
  Note,
  openTenantDataSource,
  poolOf,
  untilAllIdle,
} from '../support.js';

const ROWS = `SELECT n FROM "${TENANT_SCHEMA}".notes, generate_series(1, 1000) AS n`;

const KILL_OTHERS = `SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
  WHERE datname = $1 AND pid <> pg_backend_pid()`;

let database: TestDatabase;
let dataSource: DataSource;

beforeAll(async () => {
  database = await createTwoTenants();
});

beforeEach(async () => {
  dataSource = await openTenantDataSource(database, { poolErrorHandler: () => undefined });
  await addNote(dataSource, A);
});

afterEach(() => dataSource.destroy());

afterAll(() => database.drop());

function cut(client: pg.PoolClient): void {
  (client as unknown as { connection: pg.Connection }).connection.stream.destroy();
}

function openStream(): Promise<Readable> {
  return tenantContext.run(A, () => dataSource.createQueryRunner().stream(ROWS) as never);
}

async function expectHealth(): Promise<void> {
  const notes = await tenantContext.run(A, () => dataSource.getRepository(Note).find());
  expect(notes[0]?.text).toBe(A.schema);
  await untilAllIdle(dataSource);
}

it('reports an error to a stream’s reader on a connection that was just cut', async () => {
  const client = await tenantContext.run(A, () => poolOf(dataSource).connect());
  const waiting = tenantContext.run(A, async () => {
    const builder = dataSource.createQueryBuilder(Note, 'note');
    return (await builder.stream()).toArray();
  });
  cut(client);
  client.release();
  await expect(waiting).rejects.toThrow(/connection/i);
  await expectHealth();
});

it('reports an error to the reader of a stream that was cut in the middle', async () => {
  const stream = await openStream();
  const texts: unknown[] = [];
  const reading = (async () => {
    for await (const row of stream) {
      if (texts.push(row) === 1) await database.sql(KILL_OTHERS, [database.name]);
    }
  })();
  await expect(reading).rejects.toThrow(/connection/i);
  expect(texts.length).toBeGreaterThan(0);
});

it('closes a cursor whose connection has gone already', async () => {
  const client = await tenantContext.run(A, () => poolOf(dataSource).connect());
  const cursor = tenantContext.run(A, () => client.query(new Cursor(ROWS)));
  await cursor.read(1);
  cut(client);
  await expect(cursor.read(1)).rejects.toThrow(/connection/i);
  await cursor.close();
  client.release();
  await expectHealth();
});
