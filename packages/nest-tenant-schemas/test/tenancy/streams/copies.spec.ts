// COPY of two tenants at once on two connections, in and out: each moves its own tenant's rows, and one that is
// left in the middle leaves nothing behind, neither rows nor a connection.
import { Logger } from '@nestjs/common';
import type pg from 'pg';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import type { DataSource } from 'typeorm';
import { TENANT_SCHEMA, tenantContext } from '../../../src/index.js';
import type { TestDatabase } from 'test-support/test-database.js';
import {
  A,
  addNote,
  B,
  createTwoTenants,
  emptyTenants,
  openTenantDataSource,
  poolOf,
  storedTexts,
} from '../support.js';

const TENANTS = [A, B];
const COPY_IN = `COPY "${TENANT_SCHEMA}".notes (text) FROM STDIN`;
const COPY_OUT = `COPY "${TENANT_SCHEMA}".notes (text) TO STDOUT`;

let database: TestDatabase;
let dataSource: DataSource;

beforeAll(async () => {
  database = await createTwoTenants();
  dataSource = await openTenantDataSource(database, { poolSize: 2 });
});

beforeEach(() => emptyTenants(database));

afterAll(async () => {
  await dataSource.destroy();
  await database.drop();
});

/** A checked out client for each tenant, released when `use` has ended. */
async function withClients(use: (clients: pg.PoolClient[]) => Promise<void>): Promise<void> {
  const clients = await Promise.all(
    TENANTS.map((tenant) => tenantContext.run(tenant, () => poolOf(dataSource).connect())),
  );
  await use(clients).finally(() => {
    for (const client of clients) client.release();
  });
}

it('copies into both tenants at once, line by line in turn', async () => {
  await withClients(async (clients) => {
    const copies = clients.map((client) => client.query(copyFrom(COPY_IN)));
    const done = copies.map(
      (copy) => new Promise((resolve, reject) => copy.on('finish', resolve).on('error', reject)),
    );
    for (const line of ['1', '2', '3']) {
      for (const [index, copy] of copies.entries())
        copy.write(`${TENANTS[index]?.schema}-${line}\n`);
    }
    for (const copy of copies) copy.end();
    await Promise.all(done);
    expect(copies.map(({ rowCount }) => rowCount)).toEqual([3, 3]);
  });
  for (const tenant of TENANTS) {
    expect(await storedTexts(database, tenant)).toEqual(
      ['1', '2', '3'].map((line) => `${tenant.schema}-${line}`),
    );
  }
});

it('copies out of both tenants at once', async () => {
  for (const { schema } of TENANTS) {
    await database.sql(
      `INSERT INTO ${schema}.notes (text) SELECT '${schema}' FROM generate_series(1, 5000)`,
    );
  }
  await withClients(async (clients) => {
    const copies = clients.map((client) => client.query(copyTo(COPY_OUT)));
    const lines = await Promise.all(
      copies.map(async (copy) => (await copy.toArray()).join('').trimEnd().split('\n')),
    );
    expect(lines).toEqual(TENANTS.map(({ schema }) => Array(5000).fill(schema)));
  });
});

it('rolls back a COPY whose connection was released in the middle, and closes that connection', async () => {
  const warn = jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
  const client = await tenantContext.run(A, () => poolOf(dataSource).connect());
  const copy = client.query(copyFrom(COPY_IN));
  const failed = new Promise((resolve) => copy.once('error', resolve));
  copy.write('tenant_a-lost\n');
  client.release();
  expect(await failed).toBeInstanceOf(Error);
  expect(warn.mock.calls).toEqual([
    [
      expect.stringContaining(
        'of tenant schema "tenant_a" was released while a statement was still',
      ),
    ],
  ]);
  warn.mockRestore();
  await addNote(dataSource, B);
  await addNote(dataSource, A);
  expect([await storedTexts(database, A), await storedTexts(database, B)]).toEqual([
    ['tenant_a'],
    ['tenant_b'],
  ]);
});

describe('control: COPY objects whose text is written in place', () => {
  it('copies the second tenant’s rows into the first one', async () => {
    const statement = { text: COPY_IN };
    const inPlace = (schema: string): string =>
      (statement.text = statement.text.replace(TENANT_SCHEMA, schema));
    await withClients(async (clients) => {
      for (const [index, client] of clients.entries()) {
        const { schema = '' } = TENANTS[index] ?? {};
        const copy = client.query(copyFrom(inPlace(schema)));
        const done = new Promise((resolve) => copy.on('finish', resolve));
        copy.end(`${schema}\n`);
        await done;
      }
    });
    expect(await storedTexts(database, A)).toEqual(['tenant_a', 'tenant_b']);
  });
});

/** A COPY by the extended protocol that sends its Sync itself, behind the rows or behind an error. */
class OwnSync implements pg.Submittable {
  private connection!: pg.Connection;

  constructor(private readonly ends: 'rows' | 'failure') {}

  submit(connection: pg.Connection): void {
    this.connection = connection;
    connection.parse({ text: COPY_IN, name: '', types: [] }, true);
    connection.bind({}, true);
    connection.execute({}, true);
    connection.flush();
  }

  handleCopyInResponse(): void {
    const connection = this.connection as pg.Connection & {
      sendCopyFromChunk(rows: Buffer): void;
      endCopyFrom(): void;
      sendCopyFail(reason: string): void;
    };
    if (this.ends === 'failure') return connection.sendCopyFail('cut off');
    connection.sendCopyFromChunk(Buffer.from('copied\n'));
    connection.endCopyFrom();
    connection.sync();
  }

  handleError(): void {
    this.connection.sync();
  }

  handleCommandComplete(): void {}
  handleReadyForQuery(): void {}
}

it.each(['rows', 'failure'] as const)(
  'stays in step with a COPY that sends its Sync itself, behind %s',
  async (ends) => {
    for (const tenant of TENANTS) await addNote(dataSource, tenant);
    await withClients(async ([client]) => {
      client?.query(new OwnSync(ends));
      const read = await tenantContext.run(A, () =>
        client?.query('SELECT 1 AS one, pg_sleep(0.1)'),
      );
      expect(read?.rows).toMatchObject([{ one: 1 }]);
      expect((await tenantContext.run(A, () => client?.query('SELECT 2 AS two')))?.rows).toEqual([
        { two: 2 },
      ]);
    });
    expect(await storedTexts(database, A)).toEqual(
      ends === 'rows' ? [A.schema, 'copied'] : [A.schema],
    );
  },
);
