// Two tenants wait for the only connection of a pool. pg-pool runs a queued callback in the async context that released the
// client. Each tenant must still get its own rows, with connect() and with query().
import pg from 'pg';
import type { DataSource } from 'typeorm';
import { TENANT_SCHEMA, tenantContext } from '../../../src/index.js';
import type { TenantClient } from '../../../src/connection/client/tenant-client.js';
import { TenantPool } from '../../../src/connection/pool/tenant-pool.js';
import type { TestDatabase } from 'test-support/test-database.js';
import { A, addNote, B, createTwoTenants, Note, openTenantDataSource, poolOf } from '../support.js';

const READ = `SELECT text FROM "${TENANT_SCHEMA}".notes`;

let database: TestDatabase;
let dataSource: DataSource;

beforeAll(async () => {
  database = await createTwoTenants();
  dataSource = await openTenantDataSource(database, { poolSize: 1 });
  await addNote(dataSource, A);
  await addNote(dataSource, B);
});

afterAll(async () => {
  await dataSource.destroy();
  await database.drop();
});

/** Many reads at once, of both tenants in turn, all through the one connection. */
async function readInTurn(read: () => Promise<string>): Promise<[string, string][]> {
  return Promise.all(
    Array.from({ length: 40 }, async (_, index) => {
      const tenant = index % 2 === 0 ? A : B;
      return [tenant.schema, await tenantContext.run(tenant, read)] as [string, string];
    }),
  );
}

it('gives every queued repository call the rows of its own tenant', async () => {
  const reads = await readInTurn(async () => {
    const [note] = await dataSource.getRepository(Note).find();
    return note?.text ?? 'nothing';
  });
  expect(reads.filter(([tenant, text]) => tenant !== text)).toEqual([]);
});

it('gives every queued pool.query() the rows of its own tenant, by promise and by callback', async () => {
  const pool = poolOf(dataSource);
  const byPromise = await readInTurn(async () => {
    const { rows } = await pool.query<{ text: string }>(READ);
    return rows[0]?.text ?? 'nothing';
  });
  const byCallback = await readInTurn(
    () =>
      new Promise((resolve, reject) => {
        pool.query<{ text: string }>(READ, [], (error, result) => {
          // A follow-up in the callback must be the same tenant's, too.
          if (error) reject(error);
          else
            resolve(
              `${result.rows[0]?.text === tenantContext.current?.schema ? '' : 'lost:'}${result.rows[0]?.text}`,
            );
        });
      }),
  );
  expect([...byPromise, ...byCallback].filter(([tenant, text]) => tenant !== text)).toEqual([]);
});

it('gives every queued connect() callback a client, and a context, of its own tenant', async () => {
  const pool = poolOf(dataSource);
  const reads = await readInTurn(
    () =>
      new Promise((resolve, reject) => {
        pool.connect((error, client, release) => {
          if (!client) return reject(error as Error);
          const inContext = tenantContext.current?.schema;
          return client
            .query<{ text: string }>(READ)
            .then(
              ({ rows }) =>
                resolve(`${rows[0]?.text === inContext ? '' : 'lost:'}${rows[0]?.text}`),
              reject,
            )
            .finally(() => release());
        });
      }),
  );
  expect(reads.filter(([tenant, text]) => tenant !== text)).toEqual([]);
});

describe('control: a pool that asks for the tenant in the callback', () => {
  it('reads rows of the tenant that released the client', async () => {
    const pool: pg.Pool = new LatePool({ connectionString: database.url, max: 1 });
    try {
      const reads = await readInTurn(
        () =>
          new Promise((resolve, reject) => {
            pool.connect((error, client, release) => {
              if (!client) return reject(error as Error);
              return client
                .query<{ text: string }>(READ)
                .then(({ rows }) => resolve(rows[0]?.text ?? 'nothing'), reject)
                .finally(() => release());
            });
          }),
      );
      expect(reads.filter(([tenant, text]) => tenant !== text)).not.toEqual([]);
    } finally {
      await pool.end();
    }
  });

  /** What TenantPool would be without capturing at the call. */
  class LatePool extends TenantPool {
    override connect(callback?: unknown): never {
      return pg.Pool.prototype.connect.call(this, (error, client, release) => {
        (client as unknown as TenantClient).bind({
          tenant: tenantContext.current,
          isBound: false,
        });
        (callback as (...args: unknown[]) => void)(error, client, release);
      }) as never;
    }
  }
});
