// A tenant is deleted, renamed or created again while other operations wait for its schema. Such an operation changes nothing of
// another tenant or schema, and reports it.
import pg from 'pg';
import type { DataSource } from 'typeorm';
import {
  DropBlockedError,
  MIGRATIONS_TABLE,
  type MigrationResult,
  type SchemaMigrator,
  TenantNotFoundError,
} from 'nest-tenant-schemas';
import { DROP_MARKER } from '../../../packages/nest-tenant-schemas/src/schemas/lifecycle/drop-steps.js';
import { beforeStatements } from '../../support/sent-statements.js';
import type { TestDatabase } from 'test-support/test-database.js';
import { untilWaiting } from '../../support/until-waiting.js';
import { everything } from '../clone/clone-support.js';
import { dropperOf, provisionAcme } from '../drop/drop-support.js';
import { migration, openSchemas, schemasOf, traces } from '../support.js';

const next = migration(9, 'CREATE TABLE "__tenant__".next (id int)');
const LOCK = `SELECT pg_advisory_xact_lock(hashtextextended('tenant-schemas:acme', 0))`;

let database: TestDatabase;
let dataSource: DataSource;
/** Another process, which has the schema's lock in a transaction. */
let other: pg.Client;

beforeAll(async () => {
  ({ database, dataSource } = await openSchemas());
});

beforeEach(async () => {
  other = new pg.Client({ connectionString: database.directUrl });
  await other.connect();
});

afterEach(async () => {
  jest.restoreAllMocks();
  await other.end();
  await database.sql(
    'DROP SCHEMA IF EXISTS acme CASCADE; DROP SCHEMA IF EXISTS fresh CASCADE; DELETE FROM public.clients',
  );
});

afterAll(async () => {
  await dataSource.destroy();
  await database.drop();
});

const provisioned = () => provisionAcme(dataSource, database, everything);

/** Drops the tenant, which waits until the other process has committed what it does. */
async function dropWhileOther(
  client: Awaited<ReturnType<typeof provisioned>>,
  does: string,
): Promise<unknown> {
  await other.query(`BEGIN; ${LOCK}`);
  const drop = dropperOf(dataSource, everything)
    .drop(client)
    .catch((error: unknown) => error);
  await untilWaiting(database);
  await other.query(`${does}; COMMIT`);
  return drop;
}

it('does not remove the row of a renamed tenant, and so does not orphan its schema', async () => {
  const client = await provisioned();
  const refusal = await dropWhileOther(
    client,
    `ALTER SCHEMA acme RENAME TO fresh; UPDATE public.clients SET schema = 'fresh'`,
  );
  expect(refusal).toBeInstanceOf(TenantNotFoundError);
  expect((refusal as Error).message).toBe(
    `Tenant ${client.id} no longer has the schema "acme", but "fresh". Nothing was dropped.`,
  );
  expect(await traces(database)).toEqual(['row fresh', 'schema fresh']);
});

it('does not drop the schema of a new tenant with the same name', async () => {
  const outcome = await dropWhileOther(
    await provisioned(),
    `DROP SCHEMA acme CASCADE; CREATE SCHEMA acme;
     UPDATE public.clients SET id = gen_random_uuid(), name = 'Another tenant'`,
  );
  expect(outcome).toBeUndefined();
  expect(await traces(database)).toEqual(['row acme', 'schema acme']);
});

type Run = (migrator: SchemaMigrator) => AsyncIterable<MigrationResult>;

describe.each<[string, Run]>([
  ['A migration', (migrator) => migrator.migrateAll({ tenants: true })],
  ['A revert', (migrator) => migrator.revertAll({ tenants: true }, 1)],
])('%s of all tenants', (_what, run) => {
  /** What comes of it when something is done just before it locks the schema. */
  async function runAfter(work: () => Promise<unknown>): Promise<unknown[]> {
    const results: MigrationResult[] = [];
    let isDone = false;
    beforeStatements(/pg_advisory_xact_lock/, async () => {
      if (isDone) return;
      isDone = true;
      await work();
    });
    const { migrator } = schemasOf(dataSource, [...everything, next]);
    for await (const result of run(migrator)) results.push(result);
    return results;
  }

  it('has nothing to do in a tenant that is deleted meanwhile', async () => {
    const client = await provisioned();
    const results = await runAfter(() => dropperOf(dataSource, everything).drop(client));
    expect(results).toMatchObject([{ schema: 'acme', status: 'skipped', versions: [] }]);
    expect(await traces(database)).toEqual([]);
  });

  it('lets a drop in steps go on that began meanwhile', async () => {
    const client = await provisioned();
    const results = await runAfter(async () => {
      await other.query('BEGIN; SELECT FROM acme.posts');
      const options = { maxLocks: 20, lockTimeoutMs: 50 };
      await expect(dropperOf(dataSource, everything, options).drop(client)).rejects.toThrow(
        DropBlockedError,
      );
      await other.query('COMMIT');
    });
    expect(results).toMatchObject([{ schema: 'acme', status: 'skipped', versions: [] }]);
    expect(
      await database.sql(
        `SELECT obj_description('acme.${MIGRATIONS_TABLE}'::regclass, 'pg_class') AS mark`,
      ),
    ).toEqual([{ mark: DROP_MARKER }]);
    await dropperOf(dataSource, everything, { maxLocks: 20 }).drop(client);
    expect(await traces(database)).toEqual([]);
  });

  it('says of a tenant that is renamed meanwhile that it is yet to be done', async () => {
    await provisioned();
    const results = await runAfter(() =>
      database.sql(`ALTER SCHEMA acme RENAME TO fresh; UPDATE public.clients SET schema = 'fresh'`),
    );
    expect(results).toMatchObject([
      {
        schema: 'acme',
        status: 'failed',
        error: new TenantNotFoundError(
          'The tenant now has the schema "fresh". Run the command again for that schema.',
        ),
      },
    ]);
    expect(await database.sql(`SELECT count(*)::int FROM fresh.${MIGRATIONS_TABLE}`)).toEqual([
      { count: everything.length },
    ]);
  });
});
