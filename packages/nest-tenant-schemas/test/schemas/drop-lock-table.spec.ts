// On a server with few locks a schema of many tables cannot be dropped by one DROP SCHEMA: the control fails
// with "out of shared memory". The dropper, with its own bound for that server, drops it.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DataSource } from 'typeorm';
import pg from 'pg';
import { acquireEmbeddedPostgres, type EmbeddedPostgres } from 'embedded-postgres-server';
import { createTenantDataSource, SchemaDropper, tenantDataSourceOptions } from '../../src/index.js';
import { MemoryRegistry } from 'test-support/memory-registry.js';

const TABLES = 600;
const TENANT = { id: '00000000-0000-4000-8000-00000000000a', schema: 'acme' };

let directory: string;
let server: EmbeddedPostgres;
let client: pg.Client;
let dataSource: DataSource;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'nts-'));
  server = await acquireEmbeddedPostgres({
    dataDir: directory,
    settings: {
      max_locks_per_transaction: '10',
      max_connections: '10',
      max_wal_senders: '0',
      max_worker_processes: '2',
      max_parallel_workers: '0',
      autovacuum_worker_slots: '1',
      autovacuum: 'off',
      fsync: 'off',
    },
  });
  client = new pg.Client({ connectionString: server.url });
  await client.connect();
  dataSource = await createTenantDataSource(
    tenantDataSourceOptions({ url: server.url, poolSize: 2, entities: [] }),
  ).initialize();
});

afterAll(async () => {
  await dataSource.destroy();
  await client.end();
  await server.release();
  await rm(directory, { recursive: true, force: true });
});

it('drops what one DROP SCHEMA cannot', async () => {
  await client.query('CREATE SCHEMA acme');
  for (let table = 0; table < TABLES; table++) {
    await client.query(
      `CREATE TABLE acme.t${table} (id serial PRIMARY KEY, text text,
                                    last_id int ${table > 0 ? `REFERENCES acme.t${table - 1}` : ''})`,
    );
  }
  await expect(client.query('DROP SCHEMA acme CASCADE')).rejects.toMatchObject({
    code: '53200',
    message: 'out of shared memory',
  });
  // The error arrives before the server releases the locks. The next statement waits for that.
  await client.query('SELECT');

  const registry = new MemoryRegistry([TENANT]);
  await new SchemaDropper(dataSource, registry).drop(TENANT);
  expect(registry.tenants.size).toBe(0);
  const { rows } = await client.query(`SELECT FROM pg_namespace WHERE nspname = 'acme'`);
  expect(rows).toEqual([]);
});
