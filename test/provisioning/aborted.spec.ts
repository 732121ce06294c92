// A creation that is broken off removes what it made, whatever it is for and wherever it is.
import type { DataSource } from 'typeorm';
import { SchemaBuilds } from 'nest-tenant-schemas';
import { until } from 'test-support/poll.js';
import type { TestDatabase } from 'test-support/test-database.js';
import { collect, doctorFor } from '../schemas/doctor/doctor-support.js';
import { migration, newClient, openSchemas, schemasOf, traces } from '../schemas/support.js';
import { clone, T } from './support.js';

const ONE = migration(1, `CREATE TABLE ${T}.one (id int)`);
/** Far longer than the spec may take. */
const SLEEP = 'DO $$ BEGIN PERFORM pg_sleep(600); END $$';
const SLEEPS = [ONE, migration(2, SLEEP)];

let database: TestDatabase;
let dataSource: DataSource;

beforeEach(async () => {
  ({ database, dataSource } = await openSchemas());
});

afterEach(async () => {
  await dataSource.destroy();
  await database.drop();
});

const sleepers = (): Promise<unknown[]> =>
  database.sql(
    `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'`,
  );

const source = newClient('source');

const KINDS: readonly (readonly [string, () => Promise<unknown>])[] = [
  [
    'a tenant in a migration',
    () => schemasOf(dataSource, SLEEPS).provisioner.create(newClient('acme')),
  ],
  [
    'a tenant in `fill`',
    () =>
      schemasOf(dataSource, [ONE]).provisioner.create(newClient('acme'), (manager) =>
        manager.query(SLEEP),
      ),
  ],
  ['a clone', () => clone(dataSource, SLEEPS, source, 'acme')],
  ['what the doctor compares with', () => collect(doctorFor(dataSource, SLEEPS))],
];

it.each(KINDS)('of %s leaves nothing', async (_what, create) => {
  await schemasOf(dataSource, [ONE]).provisioner.create(source);
  await schemasOf(dataSource, SLEEPS).migrator.migrateTenant(source, { fake: true });
  const creating = create().catch((error: unknown) => error);
  await until('the statement runs', async () => (await sleepers()).length === 1);
  const builds = SchemaBuilds.of(dataSource);
  expect(builds.unfinished).toEqual([expect.stringMatching(/^(acme|doctor_[0-9a-f]+)$/)]);
  await builds.abort();

  expect(builds.unfinished).toEqual([]);
  expect(await traces(database)).toEqual(['row source', 'schema source']);
  await creating;
  const refused = schemasOf(dataSource, [ONE]).provisioner.create(newClient('next'));
  await expect(refused).rejects.toThrow('The creation of schemas was interrupted');
});
