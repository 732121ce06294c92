// A migration without a transaction waits for another one that creates the same extension, and then finds it there.
import type { DataSource, QueryRunner } from 'typeorm';
import type { TestDatabase } from 'test-support/test-database.js';
import { LOCK_EXTENSIONS } from '../../../packages/nest-tenant-schemas/src/schemas/session/extension-lock.js';
import { untilWaiting } from '../../support/until-waiting.js';
import { migration, newClient, openSchemas, schemasOf } from '../support.js';

const CREATE = 'CREATE EXTENSION IF NOT EXISTS citext SCHEMA public';

let database: TestDatabase;
let dataSource: DataSource;

beforeEach(async () => {
  ({ database, dataSource } = await openSchemas());
});

afterEach(async () => {
  await dataSource.destroy();
  await database.drop();
});

it.each<[string, readonly string[]]>([
  ['by itself', [`${CREATE}; -- once`]],
  ['in a DO block', [`DO $$ BEGIN ${CREATE}; END $$`]],
  ['in a transaction of its own', ['BEGIN', CREATE, 'COMMIT']],
])('creates an extension %s while another transaction does', async (_, statements) => {
  const acme = newClient('acme');
  await schemasOf(dataSource, []).provisioner.create(acme);
  const answers: unknown[] = [];
  const history = [
    class extends migration(1) {
      override readonly transaction = false;

      override upInNewSchema = (): Promise<void> => Promise.resolve();

      override async up(queryRunner: QueryRunner): Promise<void> {
        for (const text of statements) answers.push(await queryRunner.query(text));
        await queryRunner.query('VACUUM');
      }
    },
  ];
  const other = dataSource.createQueryRunner();
  await other.startTransaction();
  await other.query(LOCK_EXTENSIONS);
  await other.query(CREATE);
  const migrated = schemasOf(dataSource, history).migrator.migrateTenant(acme);
  await untilWaiting(database);
  await other.commitTransaction();
  await other.release();
  expect(await migrated).toMatchObject({ status: 'applied' });
  expect(answers).toEqual(statements.map(() => []));
});
