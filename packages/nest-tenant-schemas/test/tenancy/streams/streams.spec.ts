// Cursors and query streams of two tenants, read in turn on two connections: each gives its own tenant's rows,
// by a portal of the server, and gives its connection back. What is refused: stream-refusals; COPY: copies.
import type pg from 'pg';
import Cursor from 'pg-cursor';
import QueryStream from 'pg-query-stream';
import type { DataSource } from 'typeorm';
import { type Tenant, TENANT_SCHEMA, tenantContext } from '../../../src/index.js';
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
const TENANTS = [A, B];
/** More than a stream fetches at once, so that rows come by several reads of a server-side portal. */
const ROWS = 250;

let database: TestDatabase;
let dataSource: DataSource;
let portalsSuspended = 0;

beforeAll(async () => {
  database = await createTwoTenants();
  dataSource = await openTenantDataSource(database, { poolSize: 2 });
  poolOf(dataSource).on('acquire', ({ connection }) => {
    // One listener is the client's own.
    if (connection.listenerCount('portalSuspended') > 1) return;
    connection.on('portalSuspended', () => portalsSuspended++);
  });
});

beforeEach(async () => {
  await database.sql('TRUNCATE tenant_a.notes, tenant_b.notes CASCADE');
  for (const { schema } of TENANTS) {
    await database.sql(
      `INSERT INTO ${schema}.notes (text) SELECT '${schema}' FROM generate_series(1, ${ROWS})`,
    );
  }
  portalsSuspended = 0;
});

afterEach(() => untilAllIdle(dataSource));

afterAll(async () => {
  await dataSource.destroy();
  await database.drop();
});

/** Opens an iterable in each tenant, reads them in turn, and expects `ROWS` texts of each's own. */
async function expectOwnRowsInTurn(
  open: (tenant: Tenant) => Promise<AsyncIterable<{ text: string }>>,
): Promise<void> {
  const iterables = [];
  for (const tenant of TENANTS) iterables.push(await tenantContext.run(tenant, () => open(tenant)));
  const iterators = iterables.map((iterable) => iterable[Symbol.asyncIterator]());
  const seen: string[][] = [[], []];
  for (let turn = 0; turn <= ROWS; turn++) {
    for (const [index, iterator] of iterators.entries()) {
      const { value, done } = await iterator.next();
      if (!done) seen[index]?.push((value as { text: string }).text);
    }
  }
  expect(seen).toEqual(TENANTS.map(({ schema }) => Array.from({ length: ROWS }, () => schema)));
}

/** A checked out client for each tenant, released when `use` has ended. */
async function withClients(use: (clients: pg.PoolClient[]) => Promise<void>): Promise<void> {
  const clients: pg.PoolClient[] = [];
  for (const tenant of TENANTS) {
    clients.push(await tenantContext.run(tenant, () => poolOf(dataSource).connect()));
  }
  try {
    await use(clients);
  } finally {
    for (const client of clients) client.release();
  }
}

it('streams a query builder’s rows', async () => {
  await expectOwnRowsInTurn(
    () =>
      dataSource
        .getRepository(Note)
        .createQueryBuilder('n')
        .select('n.text', 'text')
        .stream() as never,
  );
  expect(portalsSuspended).toBeGreaterThan(0);
});

it('streams a query runner’s rows', async () => {
  const runners = TENANTS.map(() => dataSource.createQueryRunner());
  await expectOwnRowsInTurn((tenant) => runners[TENANTS.indexOf(tenant)]?.stream(READ) as never);
  for (const runner of runners) await runner.release();
  expect(portalsSuspended).toBeGreaterThan(0);
});

it('reads cursors in turn, whose own objects send the events', async () => {
  await withClients(async (clients) => {
    const cursors = clients.map(() => new Cursor<{ text: string }>(READ));
    const events: [string[], string[]] = [[], []];
    for (const [index, cursor] of cursors.entries()) {
      expect(clients[index]?.query(cursor)).toBe(cursor);
      cursor.on('row', ({ text }: { text: string }) => events[index]?.push(text));
      cursor.on('end', () => events[index]?.push('end'));
    }
    for (let turn = 0; turn < 2; turn++) {
      for (const [index, cursor] of cursors.entries()) {
        const row = { text: TENANTS[index]?.schema };
        expect(await cursor.read(2)).toEqual([row, row]);
      }
    }
    for (const cursor of cursors) await cursor.close();
    expect(events).toEqual(TENANTS.map(({ schema }) => [schema, schema, schema, schema, 'end']));
  });
  expect(portalsSuspended).toBe(4);
});

it('reads query streams in turn, whose own objects are read', async () => {
  await withClients(async (clients) => {
    const streams = clients.map(() => new QueryStream(READ, [], { batchSize: 10 }));
    for (const [index, stream] of streams.entries()) {
      expect(clients[index]?.query(stream)).toBe(stream);
    }
    await expectOwnRowsInTurn(({ schema }) =>
      Promise.resolve(streams[schema === A.schema ? 0 : 1] as AsyncIterable<{ text: string }>),
    );
  });
  expect(portalsSuspended).toBeGreaterThan(0);
});
