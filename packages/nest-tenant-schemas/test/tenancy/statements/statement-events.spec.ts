// Events and callbacks of what submits itself (streams, cursors, COPY, pg.Query) come from the socket of a connection. They run in
// the tenant of the statement's caller. The control has no tenant there.
import { once } from 'node:events';
import { Readable } from 'node:stream';
import pg from 'pg';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import Cursor from 'pg-cursor';
import QueryStream from 'pg-query-stream';
import type { DataSource } from 'typeorm';
import { dataSourceFor, type Tenant, TENANT_SCHEMA, tenantContext } from '../../../src/index.js';
import type { TestDatabase } from 'test-support/test-database.js';
import {
  A,
  B,
  createTwoTenants,
  Note,
  openTenantDataSource,
  openWithNotes,
  poolOf,
} from '../support.js';

const TENANTS = [A, B, A];

let database: TestDatabase;
let dataSource: DataSource;

beforeAll(async () => {
  database = await createTwoTenants();
  const notes = await openWithNotes(database);
  await notes.destroy();
  // One connection for statements, and one for what their handlers read.
  dataSource = await openTenantDataSource(database, { poolSize: 2 });
});

afterAll(async () => {
  await dataSource.destroy();
  await database.drop();
});

const notesOf = (schema: string): string => `SELECT text FROM ${schema}.notes`;
const READ = notesOf(`"${TENANT_SCHEMA}"`);

type Handle = () => void;

/** Submits a statement, and returns when its handler has been called. */
type Use = (client: pg.PoolClient, handle: Handle, schema: string) => Promise<unknown>;

const USES: [string, Use][] = [
  [
    'the callback in a statement object',
    (client, handle, schema) =>
      new Promise<void>((resolve) => {
        const callback = (): void => {
          handle();
          resolve();
        };
        client.query({ text: notesOf(schema), callback } as never);
      }),
  ],
  [
    'the callback in a statement object with parameters',
    (client, handle, schema) =>
      new Promise<void>((resolve) => {
        const callback = (): void => {
          handle();
          resolve();
        };
        const text = `${notesOf(schema)} WHERE id = $1`;
        client.query({ text, values: [1], callback } as never);
      }),
  ],
  [
    'data of a query stream',
    (client, handle, schema) =>
      once(client.query(new QueryStream(notesOf(schema))).on('data', handle), 'end'),
  ],
  [
    'end of a query stream',
    (client, handle, schema) =>
      once(
        client
          .query(new QueryStream(notesOf(schema)))
          .on('end', handle)
          .resume(),
        'close',
      ),
  ],
  [
    'error of a query stream',
    (client, handle) => {
      const stream = client.query(new QueryStream('SELECT 1 / 0'));
      stream.on('error', handle).resume();
      return new Promise((resolve) => stream.on('close', resolve));
    },
  ],
  [
    'row of a query',
    (client, handle, schema) =>
      once(client.query(new pg.Query(notesOf(schema))).on('row', handle), 'end'),
  ],
  [
    'the callback of a query',
    (client, handle, schema) => {
      const query = new pg.Query({ text: notesOf(schema), callback: handle } as never);
      return once(client.query(query), 'end');
    },
  ],
  [
    'the callback of a cursor',
    (client, handle, schema) => {
      const cursor = client.query(new Cursor(notesOf(schema)));
      const read = cursor.read.bind(cursor) as (count: number, callback: Handle) => void;
      return new Promise<void>((resolve) => {
        read(10, () => {
          handle();
          resolve();
        });
      }).then(() => cursor.close());
    },
  ],
  [
    'the callback of closing a cursor',
    async (client, handle, schema) => {
      const cursor = client.query(new Cursor(notesOf(schema)));
      await cursor.read(1);
      await new Promise<void>((resolve) => {
        const close = cursor.close.bind(cursor) as unknown as (callback: Handle) => void;
        close(() => {
          handle();
          resolve();
        });
      });
    },
  ],
  [
    'row of a cursor',
    async (client, handle, schema) => {
      const cursor = client.query(new Cursor(notesOf(schema)));
      (cursor as unknown as NodeJS.EventEmitter).on('row', handle);
      await cursor.read(10);
      await cursor.close();
    },
  ],
  [
    'data of COPY',
    (client, handle, schema) =>
      once(client.query(copyTo(`COPY (${notesOf(schema)}) TO STDOUT`)).on('data', handle), 'end'),
  ],
  [
    'finish of COPY',
    (client, handle, schema) => {
      const copy = client.query(copyFrom(`COPY ${schema}.remarks (text) FROM STDIN`));
      copy.on('finish', handle).write('remark\n');
      copy.end();
      return once(copy, 'finish');
    },
  ],
  [
    'the callback of a write of COPY',
    (client, handle, schema) => {
      const copy = client.query(copyFrom(`COPY ${schema}.remarks (text) FROM STDIN`));
      copy.write('remark\n', handle);
      copy.end();
      return once(copy, 'finish');
    },
  ],
  [
    'the callback of a write of COPY with an encoding',
    (client, handle, schema) => {
      const copy = client.query(copyFrom(`COPY ${schema}.remarks (text) FROM STDIN`));
      copy.write('remark\n', 'utf8', handle);
      copy.end();
      return once(copy, 'finish');
    },
  ],
  [
    'the callback of the end of COPY',
    (client, handle, schema) => {
      const copy = client.query(copyFrom(`COPY ${schema}.remarks (text) FROM STDIN`));
      return new Promise<void>((resolve) => {
        copy.end('remark\n', () => {
          handle();
          resolve();
        });
      });
    },
  ],
];

const readFirst = async (): Promise<string | undefined> =>
  (await dataSource.getRepository(Note).find())[0]?.text;

it.each(USES)('runs in the tenant of the caller: %s', async (_, use) => {
  for (const tenant of TENANTS) {
    const read: unknown[] = [];
    await tenantContext.run(tenant, async () => {
      const client = await poolOf(dataSource).connect();
      await use(client, () => read.push(readFirst()), `"${TENANT_SCHEMA}"`);
      client.release();
    });
    expect(await Promise.all(read)).toEqual([tenant.schema]);
  }
});

it('runs the handler of a query builder’s stream in the tenant of the caller', async () => {
  for (const tenant of TENANTS) {
    const read: unknown[] = [];
    await tenantContext.run(tenant, async () => {
      const stream = await dataSource.createQueryBuilder(Note, 'n').stream();
      await once(
        stream.on('data', () => read.push(readFirst())),
        'end',
      );
    });
    expect(await Promise.all(read)).toEqual([tenant.schema]);
  }
});

it('runs the events of an object that is submitted again in the tenant of its last caller', async () => {
  const query = new pg.Query(READ);
  const read: unknown[] = [];
  query.on('row', () => read.push(readFirst()));
  for (const tenant of TENANTS) {
    await tenantContext.run(tenant, async () => {
      const client = await poolOf(dataSource).connect();
      await once(client.query(query), 'end');
      client.release();
    });
  }
  expect(await Promise.all(read)).toEqual(TENANTS.map(({ schema }) => schema));
});

describe('a stream that reads a generator', () => {
  const readableOf = (source: DataSource): Readable =>
    Readable.from(
      (async function* () {
        for (const note of await source.getRepository(Note).find()) yield note.text;
      })(),
    );

  const drain = (tenant: Tenant, stream: Readable): Promise<unknown[]> =>
    tenantContext.run(tenant, () => stream.toArray());

  it('runs as its reader, unless it has a bound handle', async () => {
    const made = tenantContext.run(A, () => readableOf(dataSource));
    expect(await drain(B, made)).toEqual([B.schema]);
    const bound = tenantContext.run(A, () => readableOf(dataSourceFor(dataSource, A)));
    expect(await drain(B, bound)).toEqual([A.schema]);
  });
});

describe('control: a plain pool', () => {
  it.each(USES)('runs in no tenant: %s', async (_, use) => {
    const plain = new pg.Pool({ connectionString: database.url, max: 1 });
    await plain.query('SELECT 1');
    const seen: unknown[] = [];
    await tenantContext.run(A, async () => {
      const client = await plain.connect();
      await use(client, () => seen.push(tenantContext.current?.schema), A.schema);
      client.release();
    });
    await plain.end();
    expect(seen).toEqual([undefined]);
  });
});
