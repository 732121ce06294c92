// Two tenants run a migration at once that creates an extension: the second one waits for the first, and finds it there.
import type { DataSource, QueryRunner } from 'typeorm';
import type { MigrationClass } from 'nest-tenant-schemas';
import type { TestDatabase } from 'test-support/test-database.js';
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

/** A history whose first run holds its transaction until another one waits for it. */
function historyOf(statement: string): readonly MigrationClass[] {
  let isFirst = true;
  return [
    class extends migration(1, statement) {
      override async up(queryRunner: QueryRunner): Promise<void> {
        const holds = isFirst;
        isFirst = false;
        await super.up(queryRunner);
        await queryRunner.query('SELECT 1');
        if (holds) await untilWaiting(database);
      }
    },
  ];
}

describe.each([CREATE, `DO $$ BEGIN ${CREATE}; END $$`])('%s', (statement) => {
  it('succeeds in tenants that are migrated at once', async () => {
    for (const schema of ['one', 'two']) {
      await schemasOf(dataSource, []).provisioner.create(newClient(schema));
    }
    const { migrator } = schemasOf(dataSource, historyOf(statement));
    const results: unknown[] = [];
    for await (const { status, error } of migrator.migrateAll({ tenants: true })) {
      results.push(error ?? status);
    }
    expect(results).toEqual(['applied', 'applied']);
  });

  it('succeeds in tenants that are created at once', async () => {
    const { provisioner } = schemasOf(dataSource, historyOf(statement));
    const creations = ['one', 'two'].map((schema) => provisioner.create(newClient(schema)));
    expect(await Promise.all(creations)).toEqual([undefined, undefined]);
  });
});
