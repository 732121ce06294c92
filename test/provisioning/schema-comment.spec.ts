// The comment of a tenant's schema belongs to its migrations. The engine marks a schema that is created or dropped on its
// own migrations table, so that a comment hides nothing.
import pg from 'pg';
import type { DataSource, QueryRunner } from 'typeorm';
import {
  DropBlockedError,
  MIGRATIONS_TABLE,
  type MigrationClass,
  type TenantMigration,
} from 'nest-tenant-schemas';
import type { TestDatabase } from 'test-support/test-database.js';
import { failStatementsFrom } from '../support/sent-statements.js';
import { dropperOf } from '../schemas/drop/drop-support.js';
import { collect, doctorFor } from '../schemas/doctor/doctor-support.js';
import { migration, newClient, openSchemas, schemasOf, traces } from '../schemas/support.js';
import { clone, findings, migrate, T } from './support.js';

const ONE = migration(1, `CREATE TABLE ${T}.one (id int)`);
const LAST = migration(9, `CREATE TABLE ${T}.nine (id int)`);
const COMMENT = `COMMENT ON SCHEMA ${T} IS 'Ours'`;

let database: TestDatabase;
let dataSource: DataSource;

beforeEach(async () => {
  ({ database, dataSource } = await openSchemas());
});

afterEach(async () => {
  jest.restoreAllMocks();
  await dataSource.destroy();
  await database.drop();
});

async function commentOf(schema: string): Promise<string | null | undefined> {
  const [row] = await database.sql<{ comment: string | null }>(
    `SELECT obj_description(oid, 'pg_namespace') AS comment FROM pg_namespace WHERE nspname = $1`,
    [schema],
  );
  return row?.comment;
}

const WAYS: readonly (readonly [string, readonly string[], string | null])[] = [
  ['a comment', [COMMENT], 'Ours'],
  ['NULL', [`COMMENT ON SCHEMA ${T} IS NULL`], null],
  ['a comment in a DO block', [`DO $$ BEGIN ${COMMENT}; END $$`], 'Ours'],
  ['a comment behind a statement that answers', ['SELECT 1', COMMENT], 'Ours'],
  [
    'a comment on each table',
    [
      COMMENT,
      `DO $$ DECLARE name text; BEGIN
         FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = current_schema() LOOP
           EXECUTE format('COMMENT ON TABLE %I IS %L', name, 'A table');
         END LOOP; END $$`,
    ],
    'Ours',
  ],
];

describe.each(WAYS)('A migration that sets %s', (_what, statements, comment) => {
  const COMMENTS = migration(2, ...statements);

  it.each<[string, readonly MigrationClass[]]>([
    ['first', [migration(0, ...statements), ONE]],
    ['in between', [ONE, COMMENTS, LAST]],
    ['last', [ONE, COMMENTS]],
  ])('creates, clones and migrates tenants, as the %s of its history', async (_place, history) => {
    const source = newClient('beta');
    await schemasOf(dataSource, history).provisioner.create(source);
    await clone(dataSource, history, source, 'copy');
    await schemasOf(dataSource, history.slice(0, 1)).provisioner.create(newClient('old'));
    await migrate(dataSource, history);

    expect(await findings(dataSource, history)).toEqual([]);
    for (const schema of ['beta', 'copy', 'old']) expect(await commentOf(schema)).toBe(comment);
    expect(await migrate(dataSource, history)).toMatchObject(
      Array.from({ length: 3 }, () => ({ status: 'skipped' })),
    );
  });

  it('leaves nothing if the migration behind it fails', async () => {
    const history = [ONE, COMMENTS, migration(3, 'SELECT 1 / 0')];
    const creation = schemasOf(dataSource, history).provisioner.create(newClient('beta'));
    await expect(creation).rejects.toThrow('division by zero');
    expect(await traces(database)).toEqual([]);
  });

  it('leaves an unfinished schema that the doctor removes', async () => {
    await leaveUnfinished([ONE, COMMENTS]);
    expect(await traces(database)).toEqual(['schema beta']);
    const doctor = doctorFor(dataSource, [ONE, COMMENTS, LAST]);
    const found = await collect(doctor);
    expect(found.map(({ code }) => code)).toEqual(['CREATE_BROKEN_OFF']);
    for (const finding of found) expect(await doctor.fix(finding)).toBe(true);
    expect(await traces(database)).toEqual([]);
  });

  it('leaves an unfinished schema that the next creation removes', async () => {
    await leaveUnfinished([ONE, COMMENTS]);
    const history = [ONE, COMMENTS, LAST];
    await schemasOf(dataSource, history).provisioner.create(newClient('beta'));
    expect(await findings(dataSource, history)).toEqual([]);
  });
});

/** Begins to create a tenant, up to the commit of a history; from then on its process reaches the server no more. */
async function leaveUnfinished(history: readonly MigrationClass[]): Promise<void> {
  let failure: jest.SpyInstance | undefined;
  const breaks = class extends migration(9, '') {
    override async up(queryRunner: QueryRunner): Promise<void> {
      // The answer shows that the migrations before this one are committed.
      await queryRunner.query('SELECT 1');
      failure = failStatementsFrom(1);
      await queryRunner.query('SELECT 1');
    }
  };
  const { provisioner } = schemasOf(dataSource, [...history, breaks]);
  await expect(provisioner.create(newClient('beta'))).rejects.toThrow('forced failure');
  failure?.mockRestore();
}

it.each([
  ['renames', `ALTER SCHEMA ${T} RENAME TO elsewhere`],
  ['drops', `DROP SCHEMA ${T} CASCADE`],
  ['makes again', `DROP SCHEMA ${T} CASCADE; CREATE SCHEMA ${T}`],
  ['takes the migrations table of', `DROP TABLE ${T}.${MIGRATIONS_TABLE}`],
])('refuses a migration that %s the schema, and leaves nothing', async (_what, statement) => {
  const { provisioner } = schemasOf(dataSource, [ONE, migration(2, statement), LAST]);
  await expect(provisioner.create(newClient('beta'))).rejects.toMatchObject({
    code: 'MIGRATION_FAILED',
    schema: 'beta',
  });
  expect(await traces(database)).toEqual([]);
  await schemasOf(dataSource, [ONE]).provisioner.create(newClient('beta'));
});

it('creates and removes a schema that a migration gives to another owner', async () => {
  const [{ name }] = (await database.sql(`SELECT current_database() || '_other' AS name`)) as [
    { name: string },
  ];
  await database.sql(`CREATE ROLE "${name}"; GRANT "${name}" TO CURRENT_USER`);
  try {
    const owner = migration(2, `ALTER SCHEMA ${T} OWNER TO "${name}"`);
    await leaveUnfinished([ONE, owner]);
    await schemasOf(dataSource, [ONE, owner]).provisioner.create(newClient('beta'));
    expect(await findings(dataSource, [ONE, owner])).toEqual([]);
    const failing = schemasOf(dataSource, [ONE, owner, migration(3, 'SELECT 1 / 0')]);
    await expect(failing.provisioner.create(newClient('gamma'))).rejects.toThrow('division');
    expect(await traces(database)).toEqual(['row beta', 'schema beta']);
  } finally {
    await database.sql(`DROP OWNED BY "${name}" CASCADE; DROP ROLE "${name}"`);
  }
});

it('goes on with a drop in steps after a migration outside transactions has commented meanwhile', async () => {
  const beta = newClient('beta');
  const many = Array.from({ length: 20 }, (_, n) => `CREATE TABLE ${T}.t${n} (id int)`);
  const history = [ONE, migration(2, ...many)];
  await schemasOf(dataSource, history).provisioner.create(beta);
  const comments = class extends migration(3, COMMENT) implements TenantMigration {
    override readonly transaction = false;
    override async up(queryRunner: QueryRunner): Promise<void> {
      const options = { maxLocks: 20, lockTimeoutMs: 50 };
      const blocking = new pg.Client({ connectionString: database.directUrl });
      await blocking.connect();
      try {
        await blocking.query('BEGIN; SELECT FROM beta.t0');
        await expect(dropperOf(dataSource, history, options).drop(beta)).rejects.toThrow(
          DropBlockedError,
        );
      } finally {
        await blocking.end();
      }
      await super.up(queryRunner);
    }
    override upInNewSchema = this.up.bind(this);
  };
  expect(await migrate(dataSource, [...history, comments])).toMatchObject([{ status: 'skipped' }]);
  expect(await commentOf('beta')).toBe('Ours');
  expect(await findings(dataSource, history)).toEqual(['beta DROP_BROKEN_OFF']);
  await dropperOf(dataSource, history, { maxLocks: 20 }).dropOrphan('beta');
  expect(await traces(database)).toEqual([]);
});

describe('With the comments of an earlier version, which were those of schemas', () => {
  /** Puts the migrations table's comment where earlier versions had it. */
  const makeOld = (schema: string): Promise<unknown> =>
    database.sql(
      `DO $$ BEGIN
         EXECUTE format('COMMENT ON SCHEMA ${schema} IS %L',
           obj_description('${schema}.${MIGRATIONS_TABLE}'::regclass, 'pg_class'));
         COMMENT ON TABLE ${schema}.${MIGRATIONS_TABLE} IS NULL;
       END $$`,
    );

  it('knows which tenants are up to date, and migrates them', async () => {
    await schemasOf(dataSource, [ONE]).provisioner.create(newClient('beta'));
    await makeOld('beta');
    expect(await findings(dataSource, [ONE])).toEqual([]);
    expect(await migrate(dataSource, [ONE])).toMatchObject([{ status: 'skipped' }]);
    const history = [ONE, migration(2, COMMENT)];
    expect(await migrate(dataSource, history)).toMatchObject([{ status: 'applied' }]);
    expect(await findings(dataSource, history)).toEqual([]);
    expect(await commentOf('beta')).toBe('Ours');
  });

  it('removes what a creation has left', async () => {
    await leaveUnfinished([ONE]);
    await makeOld('beta');
    const [found] = await collect(doctorFor(dataSource, [ONE]));
    expect(found?.code).toBe('CREATE_BROKEN_OFF');
    await schemasOf(dataSource, [ONE]).provisioner.create(newClient('beta'));
    expect(await findings(dataSource, [ONE])).toEqual([]);
  });

  it('goes on with a drop whose steps have removed the migrations table', async () => {
    await database.sql(`CREATE SCHEMA beta; COMMENT ON SCHEMA beta IS 'tenant-schemas drop'`);
    const doctor = doctorFor(dataSource, [ONE]);
    const [found] = await collect(doctor);
    expect(found?.code).toBe('DROP_BROKEN_OFF');
    expect(found && (await doctor.fix(found))).toBe(true);
    expect(await traces(database)).toEqual([]);
  });
});
