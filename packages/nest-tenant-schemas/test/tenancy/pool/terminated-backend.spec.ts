// A connection that the server ends in the middle of a tenant's transaction: the work fails with an error that
// can be caught and leaves nothing behind, the process and the pool live on, and the next tenants are right.
import { Logger } from '@nestjs/common';
import pg from 'pg';
import { type DataSource, type EntityManager, QueryFailedError } from 'typeorm';
import { dataSourceFor, tenantContext } from '../../../src/index.js';
import type { TestDatabase } from 'test-support/test-database.js';
import {
  A,
  addNote,
  B,
  createTwoTenants,
  emptyTenants,
  Note,
  openTenantDataSource,
  poolOf,
  untilAllIdle,
  storedTexts,
} from '../support.js';

let database: TestDatabase;
let dataSource: DataSource;

beforeAll(async () => {
  database = await createTwoTenants();
  // The driver warns of each idle connection that is lost; here that is what is wanted.
  dataSource = await openTenantDataSource(database, {
    poolSize: 2,
    poolErrorHandler: () => undefined,
  });
});

beforeEach(async () => {
  await emptyTenants(database);
  await addNote(dataSource, A);
  await addNote(dataSource, B);
});

afterAll(async () => {
  await dataSource.destroy();
  await database.drop();
});

async function terminate(pid: number): Promise<void> {
  expect(await database.sql('SELECT pg_terminate_backend($1, 5000) AS ended', [pid])).toEqual([
    { ended: true },
  ]);
}

async function pidOf(manager: EntityManager): Promise<number> {
  const [row] = await manager.query<{ pid: number }[]>('SELECT pg_backend_pid() AS pid');
  return row?.pid ?? 0;
}

/** Expects that concurrent reads of both tenants succeed, and that all connections of the pool are then available. */
async function expectHealth(): Promise<void> {
  const tenants = Array.from({ length: 10 }, (_, index) => (index % 2 === 0 ? A : B));
  const texts = await Promise.all(
    tenants.map(async (tenant) => {
      const found = await tenantContext.run(tenant, () => dataSource.getRepository(Note).find());
      return found.map(({ text }) => text);
    }),
  );
  expect(texts).toEqual(tenants.map(({ schema }) => [schema]));
  // Both at once: one of them would do for reads that may wait for it.
  const clients = await Promise.all(
    [A, B].map((tenant) => tenantContext.run(tenant, () => poolOf(dataSource).connect())),
  );
  clients.forEach((client) => client.release());
  expect(await untilAllIdle(dataSource)).toBe(2);
  expect([await storedTexts(database, A), await storedTexts(database, B)]).toEqual([
    ['tenant_a'],
    ['tenant_b'],
  ]);
}

it('fails and rolls back a transaction whose connection ended between two statements', async () => {
  const work = tenantContext.run(A, () =>
    dataSource.transaction(async (manager) => {
      await manager.save(Note, { text: 'lost' });
      await terminate(await pidOf(manager));
      await manager.save(Note, { text: 'never' });
    }),
  );
  await expect(work).rejects.toThrow(Error);
  await expectHealth();
});

it('fails and rolls back a transaction whose connection ended during a statement', async () => {
  const work = tenantContext.run(A, () =>
    dataSource.transaction(async (manager) => {
      await manager.save(Note, { text: 'lost' });
      const pid = await pidOf(manager);
      await Promise.all([manager.query('SELECT pg_sleep(60)'), terminate(pid)]);
    }),
  );
  await expect(work).rejects.toThrow(/terminat/i);
  await expectHealth();
});

it('serves the tenants that wait while the connections of others end', async () => {
  const lost = Array.from({ length: 2 }, () =>
    tenantContext.run(A, () =>
      dataSource.transaction(async (manager) => {
        const pid = await pidOf(manager);
        const waiting = tenantContext.run(B, () => addNote(dataSource, B, 'waited'));
        await terminate(pid);
        return waiting.then(() => manager.find(Note));
      }),
    ),
  );
  for (const each of lost) await expect(each).rejects.toThrow(Error);
  expect(await storedTexts(database, B)).toEqual(['tenant_b', 'waited', 'waited']);
  await database.sql(`DELETE FROM tenant_b.notes WHERE text = 'waited'`);
  await expectHealth();
});

it.each<[string, (work: () => Promise<unknown>) => Promise<unknown>]>([
  ['no tenant', (work) => work()],
  ['its tenant', (work) => tenantContext.run(A, work)],
  ['another tenant', (work) => tenantContext.run(B, work)],
])('reports the loss to the runner of a handle, in %s', async (_, enter) => {
  const runner = dataSourceFor(dataSource, A).createQueryRunner();
  try {
    // Behind a pooler the backend is the runner's in a transaction only.
    await runner.startTransaction();
    await terminate(await pidOf(runner.manager));
    const save = enter(() => runner.manager.save(Note, { text: 'lost' }));
    await expect(save).rejects.toThrow(QueryFailedError);
    await expect(enter(() => runner.manager.find(Note))).rejects.toThrow(QueryFailedError);
  } finally {
    await runner.release();
  }
  await expectHealth();
});

it('fails the next statement of a raw client without an error listener', async () => {
  const client = await tenantContext.run(A, () => poolOf(dataSource).connect());
  await client.query('BEGIN');
  const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  const ended = new Promise((resolve) => client.once('end', resolve));
  await terminate(rows[0]?.pid ?? 0);
  await ended;
  await expect(tenantContext.run(A, () => client.query('SELECT 1'))).rejects.toThrow(
    'not queryable',
  );
  const warn = jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
  client.release();
  expect(warn.mock.calls).toEqual([[expect.stringContaining('a transaction was still open')]]);
  warn.mockRestore();
  await expectHealth();
});

describe('control: a client of node-postgres without an error listener', () => {
  it('throws an error event that would end the process', async () => {
    const client = new pg.Client({ connectionString: database.directUrl });
    const emit = client.emit.bind(client);
    const uncaught = new Promise<unknown>((resolve) => {
      client.emit = ((...event: Parameters<typeof emit>) => {
        try {
          return emit(...event);
        } catch (error) {
          resolve(error);
          return false;
        }
      }) as typeof client.emit;
    });
    await client.connect();
    const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    await terminate(rows[0]?.pid ?? 0);
    expect(String(await uncaught)).toContain('terminating connection due to administrator command');
  });
});
