// doctor as a process: its lines, its JSON, its repairs with --fix, and its exit codes.
import type { DataSource } from 'typeorm';
import { tenantMigrations } from '../../src/database/migrations/tenant/index.js';
import { migrationsFingerprint } from '../../packages/nest-tenant-schemas/src/core/migrations-fingerprint.js';
import { MIGRATIONS_TABLE } from 'nest-tenant-schemas';
import { newClient, openSchemas, type Schemas, schemasOf } from '../schemas/support.js';
import { runHosted } from '../support/hosted-commands.js';
import type { Outcome } from '../support/processes.js';
import type { TestDatabase } from 'test-support/test-database.js';

const FINGERPRINT = migrationsFingerprint(tenantMigrations.map(({ name }) => name));

const FINGERPRINT_PROBLEM = `The migrations table has no comment. The comment must be the fingerprint (number and hash) of its rows, "${FINGERPRINT}". migrate-schemas reads only the comment.`;
const GONE_PROBLEM = 'The registry has this tenant, but the database does not have its schema.';
const GONE_REMEDY = 'Restore the schema from a backup, or: tenant-schemas delete-tenant two';

let database: TestDatabase;
let dataSource: DataSource;
let schemas: Schemas;

beforeAll(async () => {
  ({ database, dataSource } = await openSchemas());
  schemas = schemasOf(dataSource, tenantMigrations);
});

beforeEach(async () => {
  for (const schema of ['one', 'two']) await schemas.provisioner.create(newClient(schema));
});

afterEach(async () => {
  for await (const client of schemas.registry.all()) await schemas.provisioner.drop(client);
});

afterAll(async () => {
  await dataSource?.destroy();
  await database?.drop();
});

function doctor(...args: string[]): Promise<Outcome> {
  return runHosted(['doctor', ...args], { DATABASE_URL: database.url });
}

/** A problem that is safe to fix, and one that is not. */
async function breakBoth(): Promise<void> {
  await database.sql(`COMMENT ON TABLE one.${MIGRATIONS_TABLE} IS NULL; DROP SCHEMA two CASCADE`);
}

it('exits 0 when it finds nothing', async () => {
  expect(await doctor()).toEqual({ code: 0, out: 'No problems found.\n', err: '' });
  expect(await doctor('--json')).toEqual({ code: 0, out: '[]\n', err: '' });
});

it('prints its findings with the next actions, and exits with 1', async () => {
  await breakBoth();
  expect(await doctor()).toEqual({
    code: 1,
    out: [
      `one: DIGEST_DIFFERS: ${FINGERPRINT_PROBLEM}`,
      '  tenant-schemas doctor --fix --schema one',
      `two: ROW_WITHOUT_SCHEMA: ${GONE_PROBLEM}`,
      `  ${GONE_REMEDY}`,
      '',
    ].join('\n'),
    err: '2 problems in one, two. To fix some of them, run: tenant-schemas doctor --fix\n',
  });
});

it('fixes with --fix what is safe to fix, and exits 1 for what remains', async () => {
  await breakBoth();
  expect(await doctor('--fix')).toEqual({
    code: 1,
    out: [
      `one: DIGEST_DIFFERS: ${FINGERPRINT_PROBLEM}`,
      '  Fixed.',
      `two: ROW_WITHOUT_SCHEMA: ${GONE_PROBLEM}`,
      `  ${GONE_REMEDY}`,
      '',
    ].join('\n'),
    err: '1 problem in two.\n',
  });
  expect(await doctor('--schema', 'one')).toEqual({
    code: 0,
    out: 'No problems found.\n',
    err: '',
  });
});

it('exits with 0 if it repaired all findings', async () => {
  await database.sql(`COMMENT ON TABLE one.${MIGRATIONS_TABLE} IS NULL`);
  const { code, err } = await doctor('--fix', '--schema', 'one', '--schema', 'two');
  expect({ code, err }).toEqual({ code: 0, err: '' });
});

it('prints a JSON array in which each finding shows whether it was repaired', async () => {
  await breakBoth();
  const { code, out, err } = await doctor('--fix', '--json');
  expect({ code, err }).toEqual({ code: 1, err: '1 problem in two.\n' });
  expect(JSON.parse(out)).toEqual([
    {
      code: 'DIGEST_DIFFERS',
      schema: 'one',
      problem: FINGERPRINT_PROBLEM,
      remedy: 'tenant-schemas doctor --fix --schema one',
      isFixable: true,
      isFixed: true,
    },
    {
      code: 'ROW_WITHOUT_SCHEMA',
      schema: 'two',
      problem: GONE_PROBLEM,
      remedy: GONE_REMEDY,
      isFixable: false,
      isFixed: false,
    },
  ]);
});

it('takes a schema that no tenant has for wrong usage', async () => {
  expect(await doctor('--schema', 'nobodys')).toEqual({
    code: 2,
    out: '',
    err: 'No tenant has the schema nobodys.\n',
  });
});

it('reports only the shared schema while the list of tenants does not exist', async () => {
  await database.sql(
    `ALTER TABLE public.clients RENAME TO later;
     ALTER TABLE public.${MIGRATIONS_TABLE} RENAME TO ledger_later`,
  );
  try {
    const { code, out } = await doctor('--json');
    const found = JSON.parse(out) as { schema: string; code: string }[];
    expect({ code, found: found.map((each) => `${each.schema} ${each.code}`) }).toEqual({
      code: 1,
      found: ['public SCHEMA_BEHIND'],
    });
  } finally {
    await database.sql(
      `ALTER TABLE public.later RENAME TO clients;
       ALTER TABLE public.ledger_later RENAME TO ${MIGRATIONS_TABLE}`,
    );
  }
});
