// The server writes definitions according to the session's settings. Comparisons must not depend on those of a
// migration or of the login.
import type { DataSource } from 'typeorm';
import { describeSchema, readHistory, TenantCloner } from 'nest-tenant-schemas';
import type { TestDatabase } from 'test-support/test-database.js';
import { collect, doctorFor } from './doctor/doctor-support.js';
import { migration, newClient, openSchemas, schemasOf } from './support.js';

const T = '"__tenant__"';

let database: TestDatabase;
let dataSource: DataSource;

beforeEach(async () => {
  ({ database, dataSource } = await openSchemas());
});

afterEach(async () => {
  await dataSource.destroy();
  await database.drop();
});

it('finds no difference and clones after a migration that set a search path of its own', async () => {
  const history = [
    migration(
      1,
      `CREATE TABLE ${T}.p (id int PRIMARY KEY)`,
      `CREATE TABLE ${T}.c (p_id int REFERENCES ${T}.p)`,
    ),
    migration(2, `SET LOCAL search_path TO ${T}`, 'CREATE VIEW v AS SELECT id FROM p'),
  ];
  const { provisioner, registry } = schemasOf(dataSource, history);
  const source = newClient('source');
  await provisioner.create(source);
  expect(await collect(doctorFor(dataSource, history))).toEqual([]);
  const cloner = new TenantCloner(dataSource, registry, readHistory(history, 'history'));
  await cloner.clone(source, newClient('copied'));
  expect(await collect(doctorFor(dataSource, history))).toEqual([]);
});

const LITERALS = [
  migration(
    1,
    `CREATE TABLE ${T}.p (
       id int PRIMARY KEY,
       at timestamptz DEFAULT '2020-02-01 00:00:00+00',
       day date DEFAULT '2020-02-01',
       rest interval DEFAULT '1 day 02:03:04',
       part float8 DEFAULT 0.1::float8 + 0.2::float8,
       third float8 DEFAULT '0.30000000000000004',
       bytes bytea DEFAULT '\\x0102',
       path text DEFAULT 'a\\b'
     )`,
    `CREATE TABLE ${T}.c (p_id int REFERENCES ${T}.p)`,
  ),
];

it.each([
  ['search_path', 'described, public'],
  ['TimeZone', `'Asia/Tokyo'`],
  ['DateStyle', 'German'],
  ['IntervalStyle', 'iso_8601'],
  ['extra_float_digits', '0'],
  ['bytea_output', 'escape'],
  ['quote_all_identifiers', 'on'],
  ['standard_conforming_strings', 'off'],
])('describes a schema alike if the login sets %s to %s', async (name, value) => {
  await schemasOf(dataSource, LITERALS).provisioner.create(newClient('described'));
  const describe = async (): Promise<string[]> => {
    const runner = dataSource.createQueryRunner();
    try {
      return await describeSchema(runner, 'described');
    } finally {
      await runner.release();
    }
  };
  const plain = await describe();
  await database.sql(`ALTER DATABASE "${database.name}" SET ${name} TO ${value}`);
  await dataSource.destroy();
  await dataSource.initialize();
  expect(await describe()).toEqual(plain);
});
