// The tenant history does not apply to a new schema: the doctor reports that, and all else that it finds.
import type { DataSource } from 'typeorm';
import { MIGRATIONS_TABLE } from 'nest-tenant-schemas';
import type { TestDatabase } from 'test-support/test-database.js';
import { collect, doctorFor, STEP } from './doctor-support.js';
import { migration, newClient, openSchemas, schemasOf, traces } from '../support.js';

const ONE = migration(1, 'CREATE TABLE "__tenant__".one (id int)');
const EXTENSION = migration(
  2,
  'CREATE EXTENSION IF NOT EXISTS citext',
  'CREATE TABLE "__tenant__".names (name citext)',
);

let database: TestDatabase;
let dataSource: DataSource;

beforeEach(async () => {
  ({ database, dataSource } = await openSchemas());
});

afterEach(async () => {
  await dataSource.destroy();
  await database.drop();
});

it('reports an extension that only the first tenant finds, and the other findings of each tenant', async () => {
  const history = [ONE, EXTENSION];
  await schemasOf(dataSource, history).provisioner.create(newClient('one'));
  await schemasOf(dataSource, [ONE]).provisioner.create(newClient('two'));
  await schemasOf(dataSource, [ONE]).provisioner.create(newClient('three'));
  await database.sql(
    `INSERT INTO three.${MIGRATIONS_TABLE} (name) VALUES ('${STEP(2)}');
     CREATE SCHEMA four; CREATE TABLE four.${MIGRATIONS_TABLE} ()`,
  );
  const found = await collect(doctorFor(dataSource, history));
  expect(found.map(({ schema, code }) => `${schema} ${code}`)).toEqual([
    'one EXTENSION_IN_TENANT',
    'three DIGEST_DIFFERS',
    'two SCHEMA_BEHIND',
    '__tenant__ HISTORY_FAILS',
    'four SCHEMA_WITHOUT_ROW',
  ]);
  expect(found[3]).toMatchObject({
    problem:
      `Migration ${STEP(2)} fails in a new schema: type "citext" does not exist. ` +
      'New tenants cannot be created, and tenants that have the migration cannot be cloned. No structure was compared.',
    isFixable: false,
  });
  expect((await traces(database)).filter((trace) => trace.includes('doctor'))).toEqual([]);
});

it('reports a syntax error of a migration that no tenant has run', async () => {
  await schemasOf(dataSource, [ONE]).provisioner.create(newClient('one'));
  const broken = [ONE, migration(2, 'CREATE TABEL "__tenant__".two (id int)')];
  await database.sql(`INSERT INTO one.${MIGRATIONS_TABLE} (name) VALUES ('${STEP(2)}')`);
  const found = await collect(doctorFor(dataSource, broken));
  expect(found.map(({ schema, code }) => `${schema} ${code}`)).toEqual([
    'one DIGEST_DIFFERS',
    '__tenant__ HISTORY_FAILS',
  ]);
  expect(found[1]?.problem).toContain(`Migration ${STEP(2)} fails in a new schema: syntax error`);
});
