// A schema whose name stands where it cannot be renamed with it, or may mean something else, keeps it, unless forced.
// A name that is a value only holds nothing up.
import type { DataSource } from 'typeorm';
import {
  describeSchema,
  type MigrationClass,
  readHistory,
  RenameRefusedError,
  SchemaDoctor,
  TenantCloner,
  TenantRenamer,
} from 'nest-tenant-schemas';
import type { TestDatabase } from 'test-support/test-database.js';
import { migration, newClient, openSchemas, schemasOf, traces } from '../support.js';

let database: TestDatabase;
let dataSource: DataSource;
let renamer: TenantRenamer<ReturnType<typeof newClient>>;

beforeAll(async () => {
  ({ database, dataSource } = await openSchemas());
  renamer = new TenantRenamer(dataSource, schemasOf(dataSource, []).registry);
});

afterEach(async () => {
  jest.restoreAllMocks();
  const { registry, provisioner } = schemasOf(dataSource, []);
  for await (const client of registry.all()) await provisioner.drop(client);
});

afterAll(async () => {
  await dataSource.destroy();
  await database.drop();
});

async function provisioned(
  schema: string,
  history: readonly MigrationClass[],
): Promise<ReturnType<typeof newClient>> {
  const client = newClient(schema);
  await schemasOf(dataSource, history).provisioner.create(client);
  return client;
}

async function describeOne(schema: string): Promise<string[]> {
  const queryRunner = dataSource.createQueryRunner();
  try {
    return await describeSchema(queryRunner, schema);
  } finally {
    await queryRunner.release();
  }
}

const FUNCTION = 'CREATE FUNCTION "__tenant__".f() RETURNS text LANGUAGE plpgsql AS';

it.each([
  ['in a string', `${FUNCTION} $f$ BEGIN RETURN 'old'; END $f$`, 'function fresh.f()'],
  ['in a remark', `${FUNCTION} $f$ BEGIN /* old */ RETURN 1; END $f$`, 'function fresh.f()'],
  [
    'as a variable',
    `${FUNCTION} $f$ DECLARE old record; BEGIN RETURN 1; END $f$`,
    'function fresh.f()',
  ],
  [
    'as an alias',
    `${FUNCTION} $f$ BEGIN RETURN (SELECT old.id FROM t AS old); END $f$`,
    'function fresh.f()',
  ],
  ['in an address', `${FUNCTION} $f$ BEGIN RETURN 'me@old.polls'; END $f$`, 'function fresh.f()'],
  [
    'in capitals',
    `${FUNCTION} $f$ BEGIN RETURN (SELECT id FROM OLD.polls); END $f$`,
    'function fresh.f()',
  ],
  [
    'in a format',
    `${FUNCTION} $f$ BEGIN RETURN format('old.%I', 'x'); END $f$`,
    'function fresh.f()',
  ],
  ['in a view', `CREATE VIEW "__tenant__".v AS SELECT 'old'::text AS schema`, 'view v'],
  ['in a default', `ALTER TABLE "__tenant__".polls ADD c text DEFAULT 'old.x'`, 'column polls.c'],
  [
    'in a check that calls a function',
    `CREATE FUNCTION "__tenant__".is_ok(text, text) RETURNS boolean LANGUAGE sql AS 'SELECT $1 <> $2';
     ALTER TABLE "__tenant__".polls ADD c text CONSTRAINT k CHECK ("__tenant__".is_ok(c, 'old'))`,
    'constraint polls.k',
  ],
  [
    'as the name of a schema',
    `ALTER TABLE "__tenant__".polls ADD c oid DEFAULT ('old'::text)::regnamespace`,
    'column polls.c',
  ],
  [
    'in a function of another schema',
    `CREATE FUNCTION public.g() RETURNS bigint LANGUAGE plpgsql AS 'BEGIN RETURN (SELECT count(*) FROM old.polls); END'`,
    'function public.g()',
  ],
  [
    'on the path of such a function',
    `CREATE FUNCTION public.g() RETURNS int LANGUAGE sql SET search_path TO public, old AS 'SELECT 1'`,
    'function public.g()',
  ],
])(
  'refuses a schema whose name stands %s, names that, and changes nothing',
  async (_where, statement, object) => {
    const old = await provisioned('old', [
      migration(1, 'CREATE TABLE "__tenant__".polls (id serial)'),
    ]);
    await database.sql(statement.replaceAll('__tenant__', 'old'));
    const before = await describeOne('old');
    const refusal = renamer.rename(old, { schema: 'fresh' });
    await expect(refusal).rejects.toThrow(RenameRefusedError);
    await expect(refusal).rejects.toMatchObject({ schema: 'old', objects: [object] });
    expect(await traces(database)).toEqual(['row old', 'schema old']);
    expect(await describeOne('old')).toEqual(before);
    await database.sql('DROP FUNCTION IF EXISTS public.g()');
  },
);

it.each(['member', 'opened', 'draft', 'text'])(
  'renames a schema that is called as a value of its defaults, checks, indexes and enums: %s',
  async (name) => {
    const history = [
      migration(
        1,
        `CREATE TYPE "__tenant__".state AS ENUM ('draft', 'text', 'member')`,
        `CREATE DOMAIN "__tenant__".role AS varchar(10) DEFAULT 'member' CHECK (VALUE IN ('member', 'opened', 'text'))`,
        `CREATE TABLE "__tenant__".users (
           id int, role varchar(10) DEFAULT 'member' CHECK (role IN ('member', 'admin', 'opened')),
           state "__tenant__".state DEFAULT 'draft', text text DEFAULT 'text', more text[] DEFAULT '{opened,draft}',
           kind "__tenant__".role, loud text GENERATED ALWAYS AS (upper(text) || 'draft') STORED)`,
        `CREATE INDEX users_i ON "__tenant__".users (id) WHERE role = 'opened' AND text <> 'draft'`,
      ),
    ];
    const client = await provisioned(name, history);
    const { registry } = schemasOf(dataSource, history);
    const tenant = readHistory(history, 'test');
    expect(await renamer.readObstacles(client)).toEqual([]);
    expect(await traces(database)).toEqual([`row ${name}`, `schema ${name}`]);

    await new TenantCloner(dataSource, registry, tenant).clone(client, newClient('copy'));
    const renamed = await renamer.rename(client, { schema: 'fresh' });
    await renamer.rename(renamed, { schema: name });
    const doctor = new SchemaDoctor(dataSource, registry, { shared: [], tenant });
    const findings = [];
    for await (const { problem } of doctor.examine({ tenants: true })) findings.push(problem);
    expect(findings).toEqual([]);
    await database.sql(`INSERT INTO ${name}.users (id) VALUES (1)`);
    expect(await database.sql(`SELECT role, state, text, more, loud FROM ${name}.users`)).toEqual([
      {
        role: 'member',
        state: 'draft',
        text: 'text',
        more: ['opened', 'draft'],
        loud: 'TEXTdraft',
      },
    ]);
  },
);

it('renames with force despite an obstacle, and reports what keeps the old name', async () => {
  const old = await provisioned('old', [
    migration(
      1,
      'CREATE TABLE "__tenant__".polls (id serial)',
      `CREATE VIEW "__tenant__".v AS SELECT 'old'::text AS schema`,
      `${FUNCTION} $f$ BEGIN RETURN (SELECT count(*) FROM "__tenant__".polls); END $f$`,
    ),
  ]);
  expect(await renamer.readObstacles(old)).toEqual(['view v']);
  const kept: string[] = [];
  await renamer.rename(
    old,
    { schema: 'fresh' },
    { force: true, onKept: (objects) => kept.push(...objects) },
  );
  expect(kept).toEqual(['view v']);
  expect(await database.sql('SELECT fresh.f(), schema FROM fresh.v')).toEqual([
    { f: '0', schema: 'old' },
  ]);
});
