// A tenant is dropped whatever its size: in one transaction, or in steps that each take a bounded number of locks.
import type { DataSource } from 'typeorm';
import pg from 'pg';
import {
  type MigrationClass,
  type SchemaDropperOptions,
  SchemaNameInvalidError,
  TenantConflictError,
  TenantProvisioner,
} from 'nest-tenant-schemas';
import {
  beforeStatements,
  countStatements,
  failStatementsFrom,
} from '../../support/sent-statements.js';
import { type TestDatabase, withDatabase } from 'test-support/test-database.js';
import { testServer } from 'test-support/test-server.js';
import { everything } from '../clone/clone-support.js';
import { dropperOf, provisionAcme } from './drop-support.js';
import { migration, openSchemas, schemasOf, traces } from '../support.js';

/** Tables that refer to each other in a ring, some partitioned, with what else takes locks. */
const MANY = migration(
  10,
  ...Array.from(
    { length: 20 },
    (_, n) =>
      `CREATE TABLE "__tenant__".ring_${n} (id serial PRIMARY KEY, next_id int UNIQUE, text text DEFAULT '')`,
  ),
  ...Array.from(
    { length: 20 },
    (_, n) =>
      `ALTER TABLE "__tenant__".ring_${n} ADD FOREIGN KEY (next_id) REFERENCES "__tenant__".ring_${(n + 1) % 20}`,
  ),
  'CREATE TABLE "__tenant__".parted (id int NOT NULL) PARTITION BY LIST (id)',
  ...Array.from(
    { length: 10 },
    (_, n) =>
      `CREATE TABLE "__tenant__".part_${n} PARTITION OF "__tenant__".parted FOR VALUES IN (${n})`,
  ),
  ...Array.from(
    { length: 10 },
    (_, n) => `CREATE VIEW "__tenant__".view_${n} AS SELECT * FROM "__tenant__".ring_0`,
  ),
  'CREATE VIEW "__tenant__".over AS SELECT * FROM "__tenant__".view_9',
);
const history: readonly MigrationClass[] = [...everything, MANY];

let database: TestDatabase;
let dataSource: DataSource;

beforeAll(async () => {
  ({ database, dataSource } = await openSchemas());
});

afterEach(async () => {
  jest.restoreAllMocks();
  await database.sql('DROP SCHEMA IF EXISTS acme CASCADE; DELETE FROM public.clients');
});

afterAll(async () => {
  await dataSource.destroy();
  await database.drop();
});

const dropper = (options?: SchemaDropperOptions) => dropperOf(dataSource, history, options);
const provisioned = () => provisionAcme(dataSource, database, history);

/** Locks that each transaction held at its COMMIT, without the catalogues' and its own. */
async function locksOfTransactions(work: () => Promise<unknown>): Promise<number[]> {
  const send = pg.Client.prototype.query as (...args: unknown[]) => Promise<unknown>;
  const counts: number[] = [];
  const spy = jest.spyOn(pg.Client.prototype, 'query').mockImplementation(function count(
    this: pg.Client,
    ...args: unknown[]
  ) {
    if (args[0] !== 'COMMIT') return send.apply(this, args) as never;
    const locks = send.call(
      this,
      `SELECT count(*)::int FROM pg_locks WHERE pid = pg_backend_pid()
         AND (locktype = 'object' OR locktype = 'relation' AND mode = 'AccessExclusiveLock')`,
    ) as Promise<{ rows: [{ count: number }] }>;
    return locks.then(({ rows: [{ count: held }] }) => {
      counts.push(held);
      return send.apply(this, args);
    }) as never;
  });
  await work();
  spy.mockRestore();
  return counts;
}

it('drops what is small in one transaction', async () => {
  const client = await provisioned();
  const [locks, ...more] = await locksOfTransactions(() => dropper().drop(client));
  expect(more).toEqual([]);
  expect(locks).toBeGreaterThan(300);
  expect(await traces(database)).toEqual([]);
});

it.each([40, 100])(
  'drops what needs more in steps, each of which takes at most %i locks',
  async (maxLocks) => {
    const client = await provisioned();
    const locks = await locksOfTransactions(() => dropper({ maxLocks }).drop(client));
    expect(locks.length).toBeGreaterThan(300 / maxLocks);
    expect(locks.filter((count) => count > maxLocks)).toEqual([]);
    expect(await traces(database)).toEqual([]);
  },
);

it('removes the row before the first step, so that no request uses the schema', async () => {
  const client = await provisioned();
  const atEachStep: unknown[] = [];
  beforeStatements(/^DROP (?:VIEW|TABLE)/, async () => atEachStep.push(await traces(database)));
  await dropper({ maxLocks: 100 }).drop(client);
  expect(atEachStep.length).toBeGreaterThan(3);
  expect(new Set(atEachStep.flat())).toEqual(new Set(['schema acme']));
});

it('leaves nothing half done in one transaction, and can be run again', async () => {
  const client = await provisioned();
  const count = await countStatements(() => dropper().drop(client));
  for (let failing = 1; failing <= count; failing++) {
    await schemasOf(dataSource, []).provisioner.create(client);
    const failure = failStatementsFrom(failing);
    await expect(dropper().drop(client)).rejects.toThrow('forced failure');
    failure.mockRestore();
    expect([failing, ...(await traces(database))]).toEqual([failing, 'row acme', 'schema acme']);
    await dropper().drop(client);
    expect(await traces(database)).toEqual([]);
  }
  expect(count).toBe(12);
});

it('goes on from where it was ended, whichever of its statements failed', async () => {
  const options = { maxLocks: 250 };
  const client = await provisioned();
  const count = await countStatements(() => dropper(options).drop(client));
  for (let failing = 1; failing <= count; failing++) {
    const again = await provisioned();
    const failure = failStatementsFrom(failing);
    await expect(dropper(options).drop(again)).rejects.toThrow('forced failure');
    failure.mockRestore();
    await dropper(options).drop(again);
    expect([failing, ...(await traces(database))]).toEqual([failing]);
  }
});

it('drops a schema that no tenant has by its name, and no other', async () => {
  const client = await provisioned();
  await expect(dropper().dropOrphan('acme')).rejects.toThrow(TenantConflictError);
  expect(await traces(database)).toEqual(['row acme', 'schema acme']);
  await database.sql('DELETE FROM public.clients WHERE id = $1', [client.id]);
  await dropper({ maxLocks: 100 }).dropOrphan('acme');
  expect(await traces(database)).toEqual([]);
  await dropper().dropOrphan('acme');
  const sent = jest.spyOn(pg.Client.prototype, 'query');
  await expect(dropper().dropOrphan('public')).rejects.toThrow(SchemaNameInvalidError);
  expect(sent).not.toHaveBeenCalled();
});

it('leaves a new schema of the same name alone when another process has dropped the old one', async () => {
  const client = await provisioned();
  const options = { maxLocks: 100 };
  let isDroppedByOther = false;
  beforeStatements(/^DROP (?:VIEW|TABLE)/, async () => {
    if (isDroppedByOther) return;
    isDroppedByOther = true;
    await database.sql('DROP SCHEMA acme CASCADE; CREATE SCHEMA acme; CREATE TABLE acme.ring_0 ()');
  });
  await dropper(options).drop(client);
  expect(isDroppedByOther).toBe(true);
  expect(await traces(database)).toEqual(['schema acme']);
  expect(await database.sql('SELECT FROM acme.ring_0')).toEqual([]);
});

it('drops what a superuser has made in the schema, though it may not lock it', async () => {
  const client = await provisioned();
  const superuser = new pg.Client({
    connectionString: withDatabase(testServer().superuserUrl, database.name),
  });
  await superuser.connect();
  await superuser.query('CREATE TABLE acme.of_a_superuser (id int)');
  await superuser.end();
  const lock = 'DO $$ BEGIN LOCK TABLE acme.of_a_superuser; END $$';
  await expect(database.sql(lock)).rejects.toThrow('permission denied');
  await dropper().drop(client);
  expect(await traces(database)).toEqual([]);
});

it('is what the provisioner drops with, ten times at once as well', async () => {
  const client = await provisioned();
  const { registry } = schemasOf(dataSource, []);
  const provisioner = new TenantProvisioner(dataSource, registry, []);
  await Promise.all(Array.from({ length: 10 }, () => provisioner.drop(client)));
  expect(await traces(database)).toEqual([]);
});
