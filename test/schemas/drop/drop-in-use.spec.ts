// A tenant is dropped while others use its schema: it waits for them without a deadlock, and ends in an error that says
// why instead of waiting without end.
import type { DataSource } from 'typeorm';
import pg from 'pg';
import { DropBlockedError, type SchemaDropperOptions } from 'nest-tenant-schemas';
import type { TestDatabase } from 'test-support/test-database.js';
import { untilWaiting } from '../../support/until-waiting.js';
import { everything } from '../clone/clone-support.js';
import { dropperOf, provisionAcme } from './drop-support.js';
import { openSchemas, traces } from '../support.js';

let database: TestDatabase;
let dataSource: DataSource;

beforeAll(async () => {
  ({ database, dataSource } = await openSchemas());
});

afterEach(async () => {
  await database.sql('DROP SCHEMA IF EXISTS acme CASCADE; DELETE FROM public.clients');
});

afterAll(async () => {
  await dataSource.destroy();
  await database.drop();
});

const dropper = (options?: SchemaDropperOptions) => dropperOf(dataSource, everything, options);
const provisioned = () => provisionAcme(dataSource, database, everything);

it.each<[string, SchemaDropperOptions, string[], string]>([
  ['one transaction, as it was', {}, ['row acme', 'schema acme'], 'repeat the deletion.'],
  [
    'steps, without its row',
    { maxLocks: 20 },
    ['schema acme'],
    'finish the deletion: tenant-schemas doctor --fix. The row of the tenant is already deleted.',
  ],
])(
  'ends when others use the schema for longer than it may wait, in %s',
  async (_how, options, left, message) => {
    const client = await provisioned();
    const user = new pg.Client({ connectionString: database.directUrl });
    await user.connect();
    await user.query('BEGIN; SELECT * FROM acme.posts');
    const failure = dropper({ ...options, lockTimeoutMs: 50 }).drop(client);
    await expect(failure).rejects.toThrow(DropBlockedError);
    await expect(failure).rejects.toThrow(
      `Schema "acme" was not dropped: other transactions still held locks after 50 ms. End them, and ${message}`,
    );
    expect(await traces(database)).toEqual(left);
    expect((await user.query('SELECT count(*)::int FROM acme.posts')).rows).toEqual([{ count: 2 }]);
    await user.query('COMMIT');
    await user.end();
    await dropper(options).drop(client);
    expect(await traces(database)).toEqual([]);
  },
);

it.each([
  ['posts', 'labels'],
  ['labels', 'posts'],
])(
  'makes no deadlock with a transaction that uses %s and then %s, but waits for its end',
  async (first, second) => {
    const client = await provisioned();
    const user = new pg.Client({ connectionString: database.directUrl });
    await user.connect();
    await user.query(`BEGIN; SELECT FROM acme.${first}`);
    const drop = dropper().drop(client);
    await untilWaiting(database);
    await user.query(`SELECT FROM acme.${second}`);
    await user.query('COMMIT');
    await user.end();
    await drop;
    expect(await traces(database)).toEqual([]);
  },
);

it('ends as well when a migration of the schema takes longer', async () => {
  const client = await provisioned();
  const other = new pg.Client({ connectionString: database.directUrl });
  await other.connect();
  await other.query(
    `BEGIN; SELECT pg_advisory_xact_lock(hashtextextended('tenant-schemas:acme', 0))`,
  );
  await expect(dropper({ lockTimeoutMs: 50 }).drop(client)).rejects.toThrow(DropBlockedError);
  await other.query('COMMIT');
  await other.end();
});
