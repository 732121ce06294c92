// A run of the doctor: what it asks, which schemas it looks at, and that what others change meanwhile is not
// held against anyone.
import type { DataSource } from 'typeorm';
import type { Client } from '../../../src/clients/client.entity.js';
import { sharedMigrations } from '../../../src/database/migrations/shared/index.js';
import { MIGRATIONS_TABLE, TenantNotFoundError } from 'nest-tenant-schemas';
import { beforeStatements, countStatements } from '../../support/sent-statements.js';
import type { TestDatabase } from 'test-support/test-database.js';
import { collect, doctorFor, STEP } from './doctor-support.js';
import { migration, newClient, openSchemas, type Schemas, schemasOf } from '../support.js';

const ONE = migration(1, 'CREATE TABLE "__tenant__".things (id int)');
const TWO = migration(2, 'ALTER TABLE "__tenant__".things ADD COLUMN two int');

let database: TestDatabase;
let dataSource: DataSource;
let schemas: Schemas;
let two: Client;

beforeEach(async () => {
  ({ database, dataSource } = await openSchemas());
  schemas = schemasOf(dataSource, [ONE]);
  two = newClient('two');
  await schemas.provisioner.create(newClient('one'));
  await schemas.provisioner.create(two);
});

afterEach(async () => {
  jest.restoreAllMocks();
  await dataSource.destroy();
  await database.drop();
});

it('looks at the shared schema alone while that is behind', async () => {
  await database.sql('DROP SCHEMA one CASCADE');
  const later = migration(900_000_000, 'SELECT 1');
  const doctor = doctorFor(dataSource, [ONE], [...sharedMigrations, later]);
  expect(await collect(doctor)).toEqual([
    {
      code: 'SCHEMA_BEHIND',
      schema: 'public',
      problem: `1 migration is pending: ${STEP(900_000_000)}.`,
      remedy: 'tenant-schemas migrate-schemas --shared',
      isFixable: false,
    },
  ]);
});

it.each(['DROP SCHEMA two CASCADE', `DROP TABLE two.${MIGRATIONS_TABLE}`, 'SELECT 1'])(
  'says nothing of a tenant that is dropped while it looks, after: %s',
  async (before) => {
    await database.sql(`COMMENT ON TABLE one.${MIGRATIONS_TABLE} IS NULL; ${before}`);
    const codes: string[] = [];
    for await (const { schema, code } of doctorFor(dataSource, [ONE]).examine()) {
      codes.push(`${schema} ${code}`);
      // The catalogue has been asked about both.
      if (schema === 'one') await schemas.provisioner.drop(two);
    }
    expect(codes).toEqual(['one DIGEST_DIFFERS']);
  },
);

it('does not take a migration that runs between two looks for another structure', async () => {
  let isMigrated = false;
  // The catalogue has been asked what the schemas are like; their migrations tables are read one by one.
  beforeStatements(/AS unfinished[\s\S]*/, async () => {
    if (isMigrated) return;
    isMigrated = true;
    const { migrator } = schemasOf(dataSource, [ONE, TWO]);
    for await (const { status } of migrator.migrateAll({ schemas: ['one'] })) {
      expect(status).toBe('applied');
    }
  });
  const found = await collect(doctorFor(dataSource, [ONE, TWO]));
  expect(found.map(({ schema, code }) => `${schema} ${code}`)).toEqual(['two SCHEMA_BEHIND']);
  expect(isMigrated).toBe(true);
});

it('refuses schemas that no tenant has', async () => {
  const refusal = collect(doctorFor(dataSource, [ONE]), { schemas: ['one', 'nobodys'] });
  await expect(refusal).rejects.toThrow(TenantNotFoundError);
});

it('asks one thing more for each healthy tenant: its migrations table', async () => {
  const doctor = doctorFor(dataSource, [ONE]);
  const few = await countStatements(() => collect(doctor));
  await schemas.provisioner.create(newClient('three'));
  expect(await countStatements(() => collect(doctor))).toBe(few + 1);
});
