// The server sends an error before the message with the state of the transaction. The caller may release the connection in
// between. The next tenant must not get it with a failed transaction.
import { Logger } from '@nestjs/common';
import type pg from 'pg';
import type { DataSource } from 'typeorm';
import { TENANT_SCHEMA, tenantContext } from '../../../src/index.js';
import { TenantClient } from '../../../src/connection/client/tenant-client.js';
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

const INSERT = `INSERT INTO "${TENANT_SCHEMA}".notes (text) VALUES ($1)`;

let database: TestDatabase;
let dataSource: DataSource;
let pool: pg.Pool;
let warn: jest.SpyInstance;

beforeAll(async () => {
  database = await createTwoTenants();
  dataSource = await openTenantDataSource(database, { poolSize: 1 });
  pool = poolOf(dataSource);
});

beforeEach(() => {
  warn = jest.spyOn(Logger.prototype, 'warn').mockImplementation();
});

afterEach(() => jest.restoreAllMocks());

afterAll(async () => {
  await dataSource.destroy();
  await database.drop();
});

/** Keeps from a client that the server is ready again, until the returned function is called. */
function holdStatus({ connection }: pg.PoolClient): () => void {
  const emit = connection.emit.bind(connection);
  const held: unknown[][] = [];
  connection.emit = (...event) => {
    if (event[0] !== 'readyForQuery') return emit(...event);
    held.push(event);
    return true;
  };
  return () => {
    connection.emit = emit;
    held.forEach((event) => (emit as (...args: unknown[]) => boolean)(...event));
  };
}

/** Lets A have a statement refused and release its connection, and B find its notes on the pool's only one. */
async function findAfterRefusal(...before: string[]): Promise<{ found: Note[]; isSame: boolean }> {
  const client = await tenantContext.run(A, () => pool.connect());
  const reportStatus = await tenantContext.run(A, async () => {
    for (const text of before) await client.query(text);
    const tell = holdStatus(client);
    await expect(client.query(INSERT, [null])).rejects.toMatchObject({ code: '23502' });
    return tell;
  });
  const finding = tenantContext.run(B, () => dataSource.getRepository(Note).find());
  tenantContext.run(A, () => client.release());
  reportStatus();
  const found = await finding;
  const next = await pool.connect();
  next.release();
  return { found, isSame: next === client };
}

it.each(['START TRANSACTION', 'BEGIN'])(
  'closes a connection whose transaction by %s has failed',
  async (start) => {
    expect(await findAfterRefusal(start)).toEqual({ found: [], isSame: false });
    expect(warn).toHaveBeenCalledTimes(1);
  },
);

it('keeps a connection on which a statement outside a transaction was refused', async () => {
  expect(await findAfterRefusal()).toEqual({ found: [], isSame: true });
  expect(warn).not.toHaveBeenCalled();
});

it('closes a connection that is lost before ReadyForQuery', async () => {
  const client = await tenantContext.run(A, () => pool.connect());
  await tenantContext.run(A, async () => {
    holdStatus(client);
    await expect(client.query(INSERT, [null])).rejects.toMatchObject({ code: '23502' });
    client.release();
  });
  client.connection.stream.destroy();
  expect(await tenantContext.run(B, () => dataSource.getRepository(Note).find())).toEqual([]);
  expect(await untilAllIdle(dataSource)).toBe(1);
});

it('rejects a second release while the first one awaits ReadyForQuery', async () => {
  const client = await tenantContext.run(A, () => pool.connect());
  await tenantContext.run(A, async () => {
    const reportStatus = holdStatus(client);
    await expect(client.query(INSERT, [null])).rejects.toMatchObject({ code: '23502' });
    client.release();
    expect(() => client.release()).toThrow('already been released');
    reportStatus();
  });
  expect(await untilAllIdle(dataSource)).toBe(1);
});

describe('control: a release that does not await ReadyForQuery', () => {
  it("fails the next tenant's work", async () => {
    jest
      .spyOn(TenantClient.prototype, 'whenReady')
      .mockImplementation((then: () => void) => then());
    await expect(findAfterRefusal('START TRANSACTION')).rejects.toMatchObject({ code: '25P02' });
  });
});
