// The server parses a message before it runs any statement of it: a syntax error undoes all migrations that were sent with it.
// The error names the migration that has it.
import type { DataSource } from 'typeorm';
import type { TestDatabase } from 'test-support/test-database.js';
import { STEP } from '../schemas/doctor/doctor-support.js';
import { migration, newClient, openSchemas, schemasOf, traces } from '../schemas/support.js';
import { clone, T } from './support.js';

const create = (second: number) => `CREATE TABLE ${T}.t${second} (text text DEFAULT '🫖 und Käse')`;
const WRONG = `CREATE TABEL ${T}.wrong (id int)`;

let database: TestDatabase;
let dataSource: DataSource;

beforeEach(async () => {
  ({ database, dataSource } = await openSchemas());
});

afterEach(async () => {
  await dataSource.destroy();
  await database.drop();
});

it.each<[string, number, readonly string[][]]>([
  ['the first migration', 1, [[WRONG], [create(2)]]],
  ['a later migration', 3, [[create(1)], [create(2)], [create(3), WRONG], [create(4)]]],
  ['the last migration', 2, [[create(1)], [create(2), WRONG]]],
  ['a migration behind one that is committed', 3, [[create(1)], ['SELECT 1'], [WRONG]]],
  ['a migration that needs answers', 2, [[create(1)], ['SELECT 1', WRONG]]],
  ['a statement that answers', 2, [[create(1)], ['SELEC 1']]],
  ['an unfinished string', 2, [[create(1)], [`COMMENT ON TABLE ${T}.t1 IS 'open`]]],
])('names %s', async (_which, failing, statements) => {
  const history = statements.map((texts, index) => migration(index + 1, ...texts));
  const error = {
    code: 'MIGRATION_FAILED',
    schema: 'acme',
    migration: STEP(failing),
    message: expect.stringMatching(
      /(syntax error|unterminated).*\. Nothing of the new schema remains\.$/s,
    ),
  };
  const creation = schemasOf(dataSource, history).provisioner.create(newClient('acme'));
  await expect(creation).rejects.toMatchObject(error);
  const source = newClient('source');
  await schemasOf(dataSource, []).provisioner.create(source);
  await schemasOf(dataSource, history).migrator.migrateTenant(source, { fake: true });
  await expect(clone(dataSource, history, source, 'acme')).rejects.toMatchObject(error);
  expect(await traces(database)).toEqual(['row source', 'schema source']);
});
