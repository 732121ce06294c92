// Statement objects that live longer than one statement (a module-level constant, a frozen config, an object
// of a class) serve every tenant with its own rows, and stay as they were written.
import pg from 'pg';
import Cursor from 'pg-cursor';
import QueryStream from 'pg-query-stream';
import type { DataSource } from 'typeorm';
import {
  type Tenant,
  TENANT_SCHEMA,
  tenantContext,
  TenantMismatchError,
} from '../../../src/index.js';
import type { TestDatabase } from 'test-support/test-database.js';
import { A, addNote, B, createTwoTenants, openTenantDataSource, poolOf } from '../support.js';

const READ = `SELECT text FROM "${TENANT_SCHEMA}".notes WHERE text LIKE $1`;

let database: TestDatabase;
let dataSource: DataSource;

beforeAll(async () => {
  database = await createTwoTenants();
  dataSource = await openTenantDataSource(database);
  await addNote(dataSource, A);
  await addNote(dataSource, B);
});

afterAll(async () => {
  await dataSource.destroy();
  await database.drop();
});

/** The rows that a statement object gives a tenant, by pool.query() and by a client's query(). */
async function readBothWays(tenant: Tenant, statement: pg.QueryConfig): Promise<unknown[]> {
  return tenantContext.run(tenant, async () => {
    const byPool = await poolOf(dataSource).query(statement);
    const client = await poolOf(dataSource).connect();
    try {
      const byClient = await client.query(statement);
      return [byPool.rows, byClient.rows];
    } finally {
      client.release();
    }
  });
}

/** What template-tag libraries make: the text is a getter of the class. */
class TemplateStatement {
  constructor(readonly name?: string) {}
  get text(): string {
    return READ;
  }
  get values(): string[] {
    return ['tenant%'];
  }
}

it.each<[string, () => pg.QueryConfig]>([
  ['a constant', () => ({ text: READ, values: ['tenant%'] })],
  ['a constant with a name', () => ({ text: READ, values: ['tenant%'], name: 'notes' })],
  ['a frozen config', () => Object.freeze({ text: READ, values: ['tenant%'] })],
  ['a frozen config with a name', () => Object.freeze({ text: READ, values: ['%'], name: 'n' })],
  ['an object with getters', () => new TemplateStatement() as pg.QueryConfig],
  ['an object with getters and a name', () => new TemplateStatement('notes') as pg.QueryConfig],
])('gives each tenant its own rows by %s, which stays as it was', async (_, make) => {
  const statement = make();
  const before = { ...statement, text: statement.text, values: statement.values };
  for (const tenant of [A, B, A]) {
    const rows = [{ text: tenant.schema }];
    expect(await readBothWays(tenant, statement)).toEqual([rows, rows]);
  }
  expect({ ...statement, text: statement.text, values: statement.values }).toEqual(before);
});

it('writes the schema into a catalogue statement’s parameters without changing the object', async () => {
  const statement = Object.freeze({
    text: 'SELECT table_schema FROM information_schema.tables WHERE table_schema = $1 AND table_name = $2',
    values: Object.freeze([TENANT_SCHEMA, 'notes']) as unknown[],
    name: `of ${TENANT_SCHEMA}`,
  });
  for (const tenant of [A, B]) {
    const rows = [{ table_schema: tenant.schema }];
    expect(await readBothWays(tenant, statement)).toEqual([rows, rows]);
  }
  expect(statement.values).toEqual([TENANT_SCHEMA, 'notes']);
});

it('leaves the text of cursors and query streams as it was written', async () => {
  for (const tenant of [A, B]) {
    await tenantContext.run(tenant, async () => {
      const client = await poolOf(dataSource).connect();
      try {
        const cursor = client.query(new Cursor(READ, ['%']));
        expect(await cursor.read(10)).toEqual([{ text: tenant.schema }]);
        await cursor.close();
        const stream = client.query(new QueryStream(READ, ['%']));
        expect(await stream.toArray()).toEqual([{ text: tenant.schema }]);
        expect([cursor, (stream as unknown as { cursor: unknown }).cursor]).toEqual([
          expect.objectContaining({ text: READ }),
          expect.objectContaining({ text: READ }),
        ]);
      } finally {
        client.release();
      }
    });
  }
});

describe('a statement object with a callback', () => {
  it('calls it with the rows of each tenant, and stays as it was', async () => {
    const seen: unknown[] = [];
    let done = (): void => undefined;
    const callback = (error: Error | null, result?: pg.QueryResult): void => {
      seen.push(error ?? result?.rows);
      done();
    };
    const statement = Object.freeze({ text: READ, values: ['tenant%'], callback });
    for (const tenant of [A, B]) {
      await tenantContext.run(tenant, async () => {
        const client = await poolOf(dataSource).connect();
        await new Promise<void>((resolve) => {
          done = resolve;
          client.query(statement as never);
        });
        client.release();
      });
    }
    expect(seen).toEqual([[{ text: A.schema }], [{ text: B.schema }]]);
    expect(statement.callback).toBe(callback);
  });

  it('calls it with the error of a rejected statement', async () => {
    const client = await tenantContext.run(A, () => poolOf(dataSource).connect());
    const error = await tenantContext.run(
      B,
      () =>
        new Promise((resolve) => {
          client.query({ text: READ, values: ['%'], callback: resolve } as never);
        }),
    );
    client.release();
    expect(error).toEqual(expect.any(TenantMismatchError));
  });

  it('does not call it if the call has a callback of its own', async () => {
    const called = await tenantContext.run(A, async () => {
      const client = await poolOf(dataSource).connect();
      const which = await new Promise((resolve) => {
        const callback = (): void => resolve('of the object');
        client.query({ text: 'SELECT 1', callback } as never, () => resolve('of the call'));
      });
      client.release();
      return which;
    });
    expect(called).toBe('of the call');
  });
});

describe('control: a client that writes the schema into the object', () => {
  it('gives the second tenant the first one’s rows', async () => {
    const statement = { text: READ, values: ['%'] };
    const client = new InPlaceClient({ connectionString: database.url });
    await client.connect();
    try {
      const seen: unknown[] = [];
      for (const tenant of [A, B]) {
        seen.push(await tenantContext.run(tenant, () => client.read(statement)));
      }
      expect(seen).toEqual([[{ text: 'tenant_a' }], [{ text: 'tenant_a' }]]);
    } finally {
      await client.end();
    }
  });

  class InPlaceClient extends pg.Client {
    async read(statement: pg.QueryConfig): Promise<unknown[]> {
      const { schema } = tenantContext.require();
      statement.text = statement.text.replaceAll(TENANT_SCHEMA, schema);
      return (await super.query(statement)).rows as unknown[];
    }
  }
});
