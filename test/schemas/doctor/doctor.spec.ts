// The doctor on several tenants. It finds nothing in healthy schemas, and each damage once, with the next action. It repairs only
// data that it can derive, such as fingerprints.
import type { DataSource } from 'typeorm';
import { migrationsFingerprint } from '../../../packages/nest-tenant-schemas/src/core/migrations-fingerprint.js';
import { type Finding, MIGRATIONS_TABLE, type SchemaSelection } from 'nest-tenant-schemas';
import type { TestDatabase } from 'test-support/test-database.js';
import { untilAllIdle } from '../../../packages/nest-tenant-schemas/test/tenancy/support.js';
import { everything } from '../clone/clone-support.js';
import { collect, doctorFor, migrate, STEP } from './doctor-support.js';
import { newClient, openSchemas, schemasOf, traces } from '../support.js';

let database: TestDatabase;
let dataSource: DataSource;

beforeAll(async () => {
  ({ database, dataSource } = await openSchemas());
});

beforeEach(async () => {
  const { provisioner } = schemasOf(dataSource, everything);
  await provisioner.create(newClient('one'));
  await provisioner.create(newClient('two'));
});

afterEach(async () => {
  const { registry, provisioner } = schemasOf(dataSource, everything);
  for await (const client of registry.all()) await provisioner.drop(client);
  await untilAllIdle(dataSource);
  expect(await traces(database)).toEqual([]);
});

afterAll(async () => {
  await dataSource.destroy();
  await database.drop();
});

const findings = (selection?: SchemaSelection): Promise<Finding[]> =>
  collect(doctorFor(dataSource), selection);

it('finds nothing in a healthy fleet, however its schemas are called, and leaves nothing', async () => {
  const { provisioner } = schemasOf(dataSource, everything);
  // As a table, a row of a trigger, a type, and a function of every tenant.
  for (const schema of ['posts', 'new', 'status', 'note']) {
    await provisioner.create(newClient(schema));
  }
  const before = await traces(database);
  expect(await findings()).toEqual([]);
  expect(await traces(database)).toEqual(before);
});

it.each<[string, string, Omit<Finding, 'schema' | 'isFixable'>]>([
  [
    'a row without a schema',
    'DROP SCHEMA one CASCADE',
    {
      code: 'ROW_WITHOUT_SCHEMA',
      problem: 'The registry has this tenant, but the database does not have its schema.',
      remedy: 'Restore the schema from a backup, or: tenant-schemas delete-tenant one',
    },
  ],
  [
    'a schema without its migrations table',
    `DROP TABLE one.${MIGRATIONS_TABLE}`,
    {
      code: 'LEDGER_MISSING',
      problem: 'The schema has no migrations table, so its applied migrations are unknown.',
      remedy: `If its tables exist: ${migrate('one')} --fake. If the schema is empty: ${migrate('one')}`,
    },
  ],
  [
    'a schema that is ahead',
    `INSERT INTO one.${MIGRATIONS_TABLE} (name) VALUES ('New1800000000000');
     COMMENT ON TABLE one.${MIGRATIONS_TABLE} IS '${migrationsFingerprint([STEP(1), STEP(2), STEP(3), 'New1800000000000'])}'`,
    {
      code: 'SCHEMA_AHEAD',
      problem: '1 applied migration is not in this code: New1800000000000.',
      remedy: 'Deploy the version that has these migrations.',
    },
  ],
  [
    'a structure that differs',
    'ALTER TABLE one.labels DROP COLUMN name; CREATE TABLE one.extra ()',
    {
      code: 'STRUCTURE_DIFFERS',
      problem:
        'The structure differs from its migrations: it lacks column labels.name text, it has table extra.',
      remedy:
        'Correct the schema by hand, or write a migration that makes the same change in every tenant.',
    },
  ],
])('finds %s once, and does not repair it', async (_what, change, expected) => {
  await database.sql(change);
  const found = await findings();
  expect(found).toEqual([{ ...expected, schema: 'one', isFixable: false }]);
  for (const finding of found) expect(await doctorFor(dataSource).fix(finding)).toBe(false);
  expect(await findings({ schemas: ['one'] })).toEqual(found);
  expect(await findings({ schemas: ['two'] })).toEqual([]);
});
