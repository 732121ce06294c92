// A tenant exists whole or not at all: its row is committed with the last of its tables and the migrations table, whichever
// statement fails and however many are made at once.
import pg from 'pg';
import type { DataSource } from 'typeorm';
import { migrationsFingerprint } from '../../packages/nest-tenant-schemas/src/core/migrations-fingerprint.js';
import {
  MIGRATIONS_TABLE,
  MigrationFailedError,
  SchemaNameInvalidError,
  TenantConflictError,
  tenantContext,
} from 'nest-tenant-schemas';
import { tenantMigrations } from '../../src/database/migrations/tenant/index.js';
import { Poll } from '../../src/polls/poll.entity.js';
import { countStatements, failStatement, failStatementsFrom } from '../support/sent-statements.js';
import type { TestDatabase } from 'test-support/test-database.js';
import { untilAllIdle } from '../../packages/nest-tenant-schemas/test/tenancy/support.js';
import { migration, newClient, openSchemas, type Schemas, schemasOf, traces } from './support.js';

let database: TestDatabase;
let dataSource: DataSource;
let schemas: Schemas;

beforeAll(async () => {
  ({ database, dataSource } = await openSchemas());
  schemas = schemasOf(dataSource, tenantMigrations);
});

afterEach(async () => {
  jest.restoreAllMocks();
  await untilAllIdle(dataSource);
  for await (const client of schemas.registry.all()) await schemas.provisioner.drop(client);
});

afterAll(async () => {
  await dataSource.destroy();
  await database.drop();
});

it('makes the row, the schema, its tables, its migrations table and the fingerprint of it', async () => {
  const client = newClient('acme', 'Acme');
  await schemas.provisioner.create(client);

  expect(await schemas.registry.find(client.id)).toEqual(client);
  const tables = await database.sql<{ tablename: string }>(
    `SELECT tablename FROM pg_tables WHERE schemaname = 'acme' ORDER BY 1`,
  );
  expect(tables.map(({ tablename }) => tablename)).toEqual([
    'choices',
    'polls',
    MIGRATIONS_TABLE,
    'users',
    'votes',
  ]);
  const names = tenantMigrations.map(({ name }) => name);
  expect(await database.sql(`SELECT name FROM acme.${MIGRATIONS_TABLE}`)).toEqual(
    names.map((name) => ({ name })),
  );
  expect(
    await database.sql(
      `SELECT obj_description('acme.${MIGRATIONS_TABLE}'::regclass, 'pg_class') AS comment`,
    ),
  ).toEqual([{ comment: migrationsFingerprint(names) }]);
  const saved = await tenantContext.run(client, () =>
    dataSource.getRepository(Poll).save({ question: 'Tea?' }),
  );
  expect(saved.id).toBe(1);
});

const NEEDS_ANSWERS = migration(1_900_000_000, 'SELECT 1', 'UPDATE "__tenant__".polls SET id = id');

it.each([
  ['sent together', tenantMigrations, 7],
  ['sent one by one, as one needs answers', [...tenantMigrations, NEEDS_ANSWERS], 10],
])(
  'leaves nothing when any one of its statements fails, %s, and the next attempt succeeds',
  async (_title, history, count) => {
    const { provisioner } = schemasOf(dataSource, history);
    expect(await countStatements(() => provisioner.create(newClient('acme')))).toBe(count);
    await provisioner.drop(await existing('acme'));

    for (let failing = 1; failing <= count; failing++) {
      const failure = failStatement(failing);
      await expect(provisioner.create(newClient('acme'))).rejects.toThrow('forced failure');
      failure.mockRestore();
      expect([failing, ...(await traces(database))]).toEqual([failing]);
    }
    // The clean-up fails as well: the next attempt removes what is left.
    for (let failing = 1; failing <= count; failing++) {
      const failure = failStatementsFrom(failing);
      await expect(provisioner.create(newClient('acme'))).rejects.toThrow('forced failure');
      failure.mockRestore();
      const rows = (await traces(database)).filter((trace) => trace.startsWith('row'));
      expect([failing, ...rows]).toEqual([failing]);
    }
    await provisioner.create(newClient('acme'));
    expect(await traces(database)).toEqual(['row acme', 'schema acme']);
  },
);

it('leaves nothing when a migration of the history fails, and names it', async () => {
  const { provisioner } = schemasOf(dataSource, [
    migration(1, 'CREATE TABLE "__tenant__".one (id int)'),
    migration(2, 'CREATE TABLE "__tenant__".one (id int)'),
  ]);
  const failure = provisioner.create(newClient('acme'));
  await expect(failure).rejects.toThrow(MigrationFailedError);
  await expect(failure).rejects.toMatchObject({ schema: 'acme', migration: 'Step1700000002000' });
  expect(await traces(database)).toEqual([]);
});

it('leaves nothing when its backend is ended in the middle', async () => {
  const { provisioner } = schemasOf(dataSource, [
    migration(1, 'CREATE TABLE "__tenant__".one (id int)'),
    migration(2, 'SELECT pg_terminate_backend(pg_backend_pid())'),
  ]);
  await expect(provisioner.create(newClient('acme'))).rejects.toThrow(MigrationFailedError);
  expect(await traces(database)).toEqual([]);
});

it('makes twenty different tenants at once', async () => {
  const names = Array.from({ length: 20 }, (_, index) => `many_${String(index).padStart(2, '0')}`);
  await Promise.all(names.map((name) => schemas.provisioner.create(newClient(name))));
  expect(await traces(database)).toEqual([
    ...names.map((name) => `row ${name}`),
    ...names.map((name) => `schema ${name}`),
  ]);
});

it.each([
  ['schema', (index: number) => newClient('acme', `Acme ${index}`), 'schema "acme" is taken'],
  ['name', (index: number) => newClient(`acme_${index}`, 'Acme'), 'tenant name "Acme" is taken'],
])(
  'creates one of twenty tenants with the same %s at once, and rejects the others',
  async (_what, make, message) => {
    const outcomes = await Promise.allSettled(
      Array.from({ length: 20 }, (_, index) => schemas.provisioner.create(make(index))),
    );
    const refused = outcomes.flatMap((outcome) =>
      outcome.status === 'rejected' ? [outcome.reason as Error] : [],
    );
    expect(refused).toHaveLength(19);
    for (const error of refused) {
      expect(error).toBeInstanceOf(TenantConflictError);
      expect(error.message).toContain(message);
    }
    expect(await traces(database)).toHaveLength(2);
  },
);

it('takes names that differ in case only for the same', async () => {
  await schemas.provisioner.create(newClient('acme', 'Acme'));
  await expect(schemas.provisioner.create(newClient('other', 'ACME'))).rejects.toThrow(
    TenantConflictError,
  );
});

it('refuses a schema that exists without a row, and leaves it as it is', async () => {
  await database.sql('CREATE SCHEMA acme; CREATE TABLE acme.theirs (id int)');
  try {
    await expect(schemas.provisioner.create(newClient('acme'))).rejects.toThrow(
      'The schema "acme" is taken. Choose another one.',
    );
    expect(await traces(database)).toEqual(['schema acme']);
    expect(await database.sql('SELECT * FROM acme.theirs')).toEqual([]);
  } finally {
    await database.sql('DROP SCHEMA acme CASCADE');
  }
});

it.each(['public', 'Acme', 'pg_acme', 'select', 'a"; DROP SCHEMA public; --'])(
  'sends nothing for the schema name %j',
  async (schema) => {
    const sent = jest.spyOn(pg.Client.prototype, 'query');
    await expect(schemas.provisioner.create(newClient(schema, 'Acme'))).rejects.toThrow(
      SchemaNameInvalidError,
    );
    expect(sent).not.toHaveBeenCalled();
  },
);

it('drops a tenant with all that is in it', async () => {
  await schemas.provisioner.create(newClient('acme'));
  await schemas.provisioner.drop(await existing('acme'));
  expect(await traces(database)).toEqual([]);
});

async function existing(schema: string): Promise<ReturnType<typeof newClient>> {
  for await (const client of schemas.registry.all()) if (client.schema === schema) return client;
  throw new Error(`There is no tenant ${schema}.`);
}
