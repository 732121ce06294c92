// The doctor between the registry, the migrations tables and the comments: what is behind or half done, what no tenant
// has, comments that lie.
import type { DataSource } from 'typeorm';
import { migrationsFingerprint } from '../../../packages/nest-tenant-schemas/src/core/migrations-fingerprint.js';
import { type Finding, MIGRATIONS_TABLE } from 'nest-tenant-schemas';
import type { TestDatabase } from 'test-support/test-database.js';
import { collect, doctorFor, migrate, STEP } from './doctor-support.js';
import { migration, newClient, openSchemas, type Schemas, schemasOf } from '../support.js';

const ONE = migration(1, 'CREATE TABLE "__tenant__".things (id int)');
const TWO = migration(2, 'ALTER TABLE "__tenant__".things ADD COLUMN two int');
const THREE = migration(3, 'ALTER TABLE "__tenant__".things ADD COLUMN three int');
const FINGERPRINT = migrationsFingerprint([STEP(1)]);

let database: TestDatabase;
let dataSource: DataSource;
let schemas: Schemas;

beforeEach(async () => {
  ({ database, dataSource } = await openSchemas());
  schemas = schemasOf(dataSource, [ONE]);
  await schemas.provisioner.create(newClient('one'));
  await schemas.provisioner.create(newClient('two'));
});

afterEach(async () => {
  await dataSource.destroy();
  await database.drop();
});

const fingerprintDiffers = (
  schema: string,
  is: string,
  fingerprint: string,
  which: string,
): Finding => ({
  code: 'DIGEST_DIFFERS',
  schema,
  problem: `${is}. The comment must be the fingerprint (number and hash) of its rows, "${fingerprint}". migrate-schemas reads only the comment.`,
  remedy: `tenant-schemas doctor --fix${which}`,
  isFixable: true,
});

it('finds schemas that are behind, and a migration that is half done apart from those', async () => {
  await database.sql(
    `INSERT INTO one.${MIGRATIONS_TABLE} (name, applied_at) VALUES ('${STEP(2)}', NULL)`,
  );
  const behind = { code: 'SCHEMA_BEHIND', isFixable: false };
  expect(await collect(doctorFor(dataSource, [ONE, TWO, THREE]))).toEqual([
    {
      code: 'MIGRATION_HALF_DONE',
      schema: 'one',
      problem: `Migration ${STEP(2)} started but did not finish: it is running or was interrupted.`,
      remedy: `If it is not running: ${migrate('one')}`,
      isFixable: false,
    },
    {
      ...behind,
      schema: 'one',
      problem: `1 migration is pending: ${STEP(3)}.`,
      remedy: migrate('one'),
    },
    {
      ...behind,
      schema: 'two',
      problem: `2 migrations are pending: ${STEP(2)}, ${STEP(3)}.`,
      remedy: migrate('two'),
    },
  ]);
});

it('gives one advice for a schema that is ahead of the code and behind it', async () => {
  await database.sql(`INSERT INTO one.${MIGRATIONS_TABLE} (name) VALUES ('Newer9')`);
  const found = await collect(doctorFor(dataSource, [ONE, TWO]), { schemas: ['one'] });
  expect(found.filter(({ code }) => code !== 'DIGEST_DIFFERS')).toEqual([
    {
      code: 'SCHEMA_AHEAD',
      schema: 'one',
      problem: `1 applied migration is not in this code: Newer9. 1 migration is pending: ${STEP(2)}.`,
      remedy: `Deploy a version that has all of these migrations. Then: ${migrate('one')}`,
      isFixable: false,
    },
  ]);
});

it('finds schemas that no tenant has by their migrations table or their comment, not those of others', async () => {
  await database.sql(
    `DELETE FROM public.clients WHERE schema = 'two'; COMMENT ON TABLE two.${MIGRATIONS_TABLE} IS NULL;
     CREATE SCHEMA commented; COMMENT ON SCHEMA commented IS '${FINGERPRINT}';
     CREATE SCHEMA others; COMMENT ON SCHEMA others IS 'no migrations table of ours'`,
  );
  const withoutRow = (schema: string): Finding => ({
    code: 'SCHEMA_WITHOUT_ROW',
    schema,
    problem: 'The schema was created for a tenant, but no tenant has it.',
    remedy:
      'Restore the row of the tenant. If nothing in the schema is needed, drop it and its dependants in other schemas: ' +
      `DROP SCHEMA "${schema}" CASCADE`,
    isFixable: false,
  });
  const found = await collect(doctorFor(dataSource, [ONE]));
  expect(found).toEqual([withoutRow('commented'), withoutRow('two')]);
  expect(await collect(doctorFor(dataSource, [ONE]), { tenants: true })).toEqual(found);
  expect(await collect(doctorFor(dataSource, [ONE]), { schemas: ['one'] })).toEqual([]);
  expect(await collect(doctorFor(dataSource, [ONE]), { shared: true })).toEqual([]);
});

it('finds comments that are not the fingerprint of their migrations table, and writes them again', async () => {
  await database.sql(
    `COMMENT ON TABLE one.${MIGRATIONS_TABLE} IS NULL; COMMENT ON TABLE two.${MIGRATIONS_TABLE} IS 'it''s mine'`,
  );
  const doctor = doctorFor(dataSource, [ONE]);
  const found = await collect(doctor);
  expect(found).toEqual([
    fingerprintDiffers('one', 'The migrations table has no comment', FINGERPRINT, ' --schema one'),
    fingerprintDiffers(
      'two',
      `The comment of the migrations table is "it's mine"`,
      FINGERPRINT,
      ' --schema two',
    ),
  ]);
  for (const finding of found) expect(await doctor.fix(finding)).toBe(true);
  expect(await collect(doctor)).toEqual([]);
});

it('repairs the fingerprint of an outdated schema from its migrations table', async () => {
  await database.sql(
    `COMMENT ON TABLE one.${MIGRATIONS_TABLE} IS '${migrationsFingerprint([STEP(1), STEP(2)])}'`,
  );
  const doctor = doctorFor(dataSource, [ONE, TWO]);
  const found = await collect(doctor, { schemas: ['one'] });
  expect(found.map(({ code }) => code)).toEqual(['SCHEMA_BEHIND', 'DIGEST_DIFFERS']);
  for (const finding of found) expect(await doctor.fix(finding)).toBe(finding.isFixable);
  const left = await collect(doctor, { schemas: ['one'] });
  expect(left.map(({ code }) => code)).toEqual(['SCHEMA_BEHIND']);
});

it.each([false, true])(
  'finds nothing after its remedy for a lost migrations table; fake: %s',
  async (fake) => {
    const lost = fake
      ? `DROP TABLE one.${MIGRATIONS_TABLE}`
      : `DROP SCHEMA one CASCADE; CREATE SCHEMA one`;
    await database.sql(lost);
    const doctor = doctorFor(dataSource, [ONE]);
    expect((await collect(doctor)).map(({ code }) => code)).toEqual(['LEDGER_MISSING']);
    for await (const { error } of schemas.migrator.migrateAll({ schemas: ['one'] }, { fake })) {
      expect(error).toBeUndefined();
    }
    expect(await collect(doctor)).toEqual([]);
  },
);
