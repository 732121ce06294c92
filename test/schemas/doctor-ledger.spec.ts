// The doctor between the registry, the ledgers and the comments: what is behind or half done, what no tenant
// has, comments that lie.
import type { DataSource } from 'typeorm';
import { ledgerDigest } from '../../packages/nest-tenant-schemas/src/core/ledger-digest.js';
import { type Finding, LEDGER_TABLE } from 'nest-tenant-schemas';
import type { TestDatabase } from 'test-support/test-database.js';
import { collect, doctorFor, migrate, STEP } from './doctor-support.js';
import { migration, newClient, openSchemas, type Schemas, schemasOf } from './support.js';

const ONE = migration(1, 'CREATE TABLE "__tenant__".things (id int)');
const TWO = migration(2, 'ALTER TABLE "__tenant__".things ADD COLUMN two int');
const THREE = migration(3, 'ALTER TABLE "__tenant__".things ADD COLUMN three int');
const DIGEST = ledgerDigest([STEP(1)]);

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

const digestDiffers = (schema: string, is: string, digest: string, which: string): Finding => ({
  code: 'DIGEST_DIFFERS',
  schema,
  problem: `${is}, but the digest of its rows is "${digest}". migrate-schemas goes by the comment.`,
  remedy: `tenant-schemas doctor --fix${which}`,
  isFixable: true,
});

it('finds schemas that are behind, and a migration that is half done apart from those', async () => {
  await database.sql(
    `INSERT INTO one.${LEDGER_TABLE} (name, applied_at) VALUES ('${STEP(2)}', NULL)`,
  );
  const behind = { code: 'SCHEMA_BEHIND', isFixable: false };
  expect(await collect(doctorFor(dataSource, [ONE, TWO, THREE]))).toEqual([
    {
      code: 'MIGRATION_HALF_DONE',
      schema: 'one',
      problem: `Migration ${STEP(2)} was begun and has not ended: it is running, or broke off.`,
      remedy: `Unless it is running: ${migrate('one')}`,
      isFixable: false,
    },
    {
      ...behind,
      schema: 'one',
      problem: `1 migration has yet to run: ${STEP(3)}.`,
      remedy: migrate('one'),
    },
    {
      ...behind,
      schema: 'two',
      problem: `2 migrations have yet to run: ${STEP(2)}, ${STEP(3)}.`,
      remedy: migrate('two'),
    },
  ]);
});

it('finds schemas that no tenant has by their ledger or their comment, not those of others', async () => {
  await database.sql(
    `DELETE FROM public.clients WHERE schema = 'two'; COMMENT ON TABLE two.${LEDGER_TABLE} IS NULL;
     CREATE SCHEMA commented; COMMENT ON SCHEMA commented IS '${DIGEST}';
     CREATE SCHEMA others; COMMENT ON SCHEMA others IS 'no ledger of ours'`,
  );
  const withoutRow = (schema: string): Finding => ({
    code: 'SCHEMA_WITHOUT_ROW',
    schema,
    problem: 'The schema was made for a tenant, and no tenant has it.',
    remedy:
      'Give the tenant its row back, or, if nothing in it is needed, drop it with what other schemas have of it: ' +
      `DROP SCHEMA "${schema}" CASCADE`,
    isFixable: false,
  });
  const found = await collect(doctorFor(dataSource, [ONE]));
  expect(found).toEqual([withoutRow('commented'), withoutRow('two')]);
  expect(await collect(doctorFor(dataSource, [ONE]), { tenants: true })).toEqual(found);
  expect(await collect(doctorFor(dataSource, [ONE]), { schemas: ['one'] })).toEqual([]);
  expect(await collect(doctorFor(dataSource, [ONE]), { shared: true })).toEqual([]);
});

it('finds comments that are not the digest of their ledger, and writes them again', async () => {
  await database.sql(
    `COMMENT ON TABLE one.${LEDGER_TABLE} IS NULL; COMMENT ON TABLE two.${LEDGER_TABLE} IS 'it''s mine'`,
  );
  const doctor = doctorFor(dataSource, [ONE]);
  const found = await collect(doctor);
  expect(found).toEqual([
    digestDiffers('one', 'The ledger has no comment', DIGEST, ' --schema one'),
    digestDiffers('two', `The ledger's comment is "it's mine"`, DIGEST, ' --schema two'),
  ]);
  for (const finding of found) expect(await doctor.fix(finding)).toBe(true);
  expect(await collect(doctor)).toEqual([]);
});

it('mends the comment of a schema that is behind with what its ledger says, not its history', async () => {
  await database.sql(
    `COMMENT ON TABLE one.${LEDGER_TABLE} IS '${ledgerDigest([STEP(1), STEP(2)])}'`,
  );
  const doctor = doctorFor(dataSource, [ONE, TWO]);
  const found = await collect(doctor, { schemas: ['one'] });
  expect(found.map(({ code }) => code)).toEqual(['SCHEMA_BEHIND', 'DIGEST_DIFFERS']);
  for (const finding of found) expect(await doctor.fix(finding)).toBe(finding.isFixable);
  const left = await collect(doctor, { schemas: ['one'] });
  expect(left.map(({ code }) => code)).toEqual(['SCHEMA_BEHIND']);
});

it.each([false, true])(
  'finds nothing after its remedy for a lost ledger; fake: %s',
  async (fake) => {
    const lost = fake
      ? `DROP TABLE one.${LEDGER_TABLE}`
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
