// One migration is generated for every tenant: it names their schema by the marker, runs in each of them and
// leaves nothing to generate. The database that it is made in is gone afterwards, whatever happened.
import { randomBytes } from 'node:crypto';
import { transformSync } from '@swc/core';
import { EntitySchema, type QueryRunner } from 'typeorm';
import { readHistory } from '../../src/tenancy/core/migration-history.js';
import {
  createTenantDataSource,
  type GeneratedMigration,
  generateMigration,
  LEDGER_TABLE,
  type MigrationClass,
  MigrationFailedError,
  type MigrationHistoryName,
  MigrationNotGeneratedError,
  type MigrationResult,
  SchemaMigrator,
  type Tenant,
  TENANT_SCHEMA,
  TenancyOptionsError,
  tenantContext,
  TenantProvisioner,
} from '../../src/tenancy/index.js';
import { MemoryRegistry } from '../support/memory-registry.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';
import { A, B } from '../tenancy/support.js';

const NOW = 1_700_000_000_000;
const COMMENT = "it's `the` ${question}, C:\\new\r\nof two lines";

type Row = Record<string, unknown>;

/** Shared: tenants refer to it. */
const country = new EntitySchema<Row>({
  name: 'Country',
  schema: 'public',
  tableName: 'countries',
  columns: {
    code: { type: 'varchar', length: 2, primary: true },
    name: { type: 'text', unique: true },
  },
});

const tag = new EntitySchema<Row>({
  name: 'Tag',
  tableName: 'tags',
  columns: {
    id: { type: Number, primary: true, generated: 'increment' },
    label: { type: 'text' },
  },
});

const survey = new EntitySchema<Row>({
  name: 'Survey',
  tableName: 'surveys',
  columns: {
    id: { type: 'uuid', primary: true, generated: 'uuid' },
    slug: { type: 'text', unique: true },
    question: { type: 'text', comment: COMMENT },
    status: { type: 'enum', enum: ['draft', 'open'] },
    createdAt: { type: 'timestamptz', createDate: true },
  },
  indices: [{ columns: ['createdAt', 'slug'] }],
  relations: {
    country: { type: 'many-to-one', target: 'Country', nullable: true },
    tags: { type: 'many-to-many', target: 'Tag', joinTable: true },
  },
});

const answer = new EntitySchema<Row>({
  name: 'Answer',
  tableName: 'answers',
  columns: {
    id: { type: Number, primary: true, generated: 'increment' },
    text: { type: 'varchar', length: 200 },
  },
  relations: {
    survey: { type: 'many-to-one', target: 'Survey', onDelete: 'CASCADE', nullable: false },
  },
});

/** Another state, a column more and one that is longer. */
const answerChanged = new EntitySchema<Row>({
  ...answer.options,
  columns: { ...answer.options.columns, text: { type: 'text' }, weight: { type: Number } },
});
const surveyChanged = new EntitySchema<Row>({
  ...survey.options,
  columns: {
    ...survey.options.columns,
    status: { type: 'enum', enum: ['draft', 'open', 'closed'] },
    closesAt: { type: 'timestamptz', nullable: true },
  },
  indices: [...(survey.options.indices ?? []), { columns: ['createdAt'] }],
});
const countryChanged = new EntitySchema<Row>({
  ...country.options,
  columns: { ...country.options.columns, flag: { type: 'text', nullable: true } },
});

const ENTITIES = [country, tag, survey, answer];

let database: TestDatabase;
/** Owns the scratch databases of this file: other processes generate on the same server. */
let role: string;
let url: string;

beforeAll(async () => {
  database = await createTestDatabase();
  role = await createRole('CREATEDB');
  url = urlOf(role);
});

afterEach(async () => {
  expect(await scratchDatabases()).toEqual([]);
});

afterAll(async () => {
  await database.sql(`DROP ROLE ${role}`);
  await database.drop();
});

async function createRole(attributes: string): Promise<string> {
  const name = `nts_test_${process.pid}_${randomBytes(4).toString('hex')}`;
  await database.sql(`CREATE ROLE ${name} LOGIN PASSWORD '${name}' ${attributes}`);
  return name;
}

function urlOf(login: string): string {
  return Object.assign(new URL(database.directUrl), {
    username: login,
    password: login,
  }).toString();
}

async function scratchDatabases(): Promise<string[]> {
  const rows = await database.sql<{ datname: string }>(
    `SELECT d.datname FROM pg_database d JOIN pg_roles r ON r.oid = d.datdba WHERE r.rolname = $1`,
    [role],
  );
  return rows.map(({ datname }) => datname);
}

interface State {
  readonly entities?: EntitySchema<Row>[];
  readonly shared?: readonly MigrationClass[];
  readonly tenant?: readonly MigrationClass[];
}

function generate(
  history: MigrationHistoryName,
  { entities = ENTITIES, shared = [], tenant = [] }: State = {},
  name = 'AddSurveys',
): Promise<GeneratedMigration | undefined> {
  const options = { url, entities, sharedMigrations: shared, tenantMigrations: tenant };
  return generateMigration(history, name, options, NOW);
}

async function generated(
  ...args: Parameters<typeof generate>
): Promise<GeneratedMigration & { readonly Migration: MigrationClass }> {
  const result = await generate(...args);
  if (!result) throw new Error('Nothing was generated.');
  return { ...result, Migration: evaluate(result) };
}

/** The class that the source declares. */
function evaluate({ name, source }: GeneratedMigration): MigrationClass {
  const { code } = transformSync(source, {
    swcrc: false,
    module: { type: 'commonjs' },
    jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
  });
  const exported: Record<string, MigrationClass> = {};
  new Function('exports', code)(exported);
  const Migration = exported[name];
  if (!Migration) throw new Error(`The source does not export ${name}.`);
  return Migration;
}

function statementsOf({ source }: GeneratedMigration): string[] {
  return [...source.matchAll(/`(.*)`/g)].map(([, statement = '']) => statement);
}

/** A migration written by hand. */
function migration(
  name: string,
  up: (queryRunner: QueryRunner) => Promise<unknown>,
): MigrationClass {
  return class {
    readonly name = name;
    async up(queryRunner: QueryRunner): Promise<void> {
      await up(queryRunner);
    }
    async down(): Promise<void> {}
  };
}

/** What is in a schema, without the ledger: relations, columns with type and default, constraints, enums. */
async function structureOf(on: TestDatabase, schema: string): Promise<string[]> {
  const rows = await on.sql<{ line: string }>(
    `SELECT format('%s.%s %s %s', c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
                   pg_get_expr(d.adbin, d.adrelid)) AS line
     FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
     LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
     WHERE c.relnamespace = to_regnamespace($1::text) AND c.relkind = 'r' AND c.relname <> $2
     UNION ALL
     SELECT conrelid::regclass || ' ' || pg_get_constraintdef(oid) FROM pg_constraint
     WHERE connamespace = to_regnamespace($1::text) AND contype <> 'n' AND conrelid::regclass::text NOT LIKE '%' || $2
     UNION ALL
     SELECT indexdef FROM pg_indexes WHERE schemaname = $1::text AND tablename <> $2
     UNION ALL
     SELECT t.typname || ' ' || e.enumlabel FROM pg_enum e JOIN pg_type t ON t.oid = e.enumtypid
     WHERE t.typnamespace = to_regnamespace($1::text)
     ORDER BY line`,
    [schema, LEDGER_TABLE],
  );
  return rows.map(({ line }) => line.replaceAll(schema, '<schema>'));
}

/** A database with tenants, migrated as applications migrate theirs. */
async function withTenants(work: (tenants: Tenants) => Promise<void>): Promise<void> {
  const own = await createTestDatabase();
  const entities = [country, tag, surveyChanged, answerChanged];
  const dataSource = await createTenantDataSource({ url: own.url, entities }).initialize();
  const registry = new MemoryRegistry();
  try {
    await work({
      own,
      create: (tenant, history) =>
        new TenantProvisioner(dataSource, registry, readHistory(history, 'test')).create(tenant),
      async migrate({ shared = [], tenant = [] }) {
        const migrator = new SchemaMigrator(dataSource, registry, {
          shared: readHistory(shared, 'test'),
          tenant: readHistory(tenant, 'test'),
        });
        const results: MigrationResult[] = [];
        for await (const result of migrator.migrateAll()) results.push(result);
        return results;
      },
      async revert(tenant, Migration) {
        await tenantContext.run(tenant, async () => {
          const queryRunner = dataSource.createQueryRunner();
          try {
            await new Migration().down(queryRunner);
          } finally {
            await queryRunner.release();
          }
        });
      },
      save: (tenant, entity, row) =>
        tenantContext.run(tenant, () => dataSource.getRepository(entity).save(row)),
    });
  } finally {
    await dataSource.destroy();
    await own.drop();
  }
}

interface Tenants {
  readonly own: TestDatabase;
  create(tenant: Tenant, history: readonly MigrationClass[]): Promise<void>;
  migrate(histories: Pick<State, 'shared' | 'tenant'>): Promise<MigrationResult[]>;
  revert(tenant: Tenant, Migration: MigrationClass): Promise<void>;
  save(tenant: Tenant, entity: EntitySchema<Row>, row: object): Promise<unknown>;
}

describe('of a history without migrations', () => {
  it('names the shared schema, and never the marker, for the shared one', async () => {
    const shared = await generated('shared', {}, 'AddCountries');
    expect(shared).toMatchObject({
      name: `AddCountries${NOW}`,
      fileName: `${NOW}-add-countries.ts`,
      upStatements: 1,
      otherHistoryDiffers: true,
    });
    expect(shared.source).not.toContain(TENANT_SCHEMA);
    expect(statementsOf(shared)).toEqual([
      expect.stringMatching(/^CREATE TABLE "public"\."countries" /),
      'DROP TABLE "public"."countries"',
    ]);
  });

  it('names the tenant’s schema by the marker in every statement, whatever the entities have', async () => {
    const { Migration } = await generated('shared');
    const tenant = await generated('tenant', { shared: [Migration] });
    const statements = statementsOf(tenant);
    expect(statements.filter((statement) => !statement.includes(`"${TENANT_SCHEMA}".`))).toEqual(
      [],
    );
    expect(statements).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^CREATE TYPE "__tenant__"\."surveys_status_enum" AS ENUM/),
        expect.stringMatching(/^CREATE TABLE "__tenant__"\."surveys" .*gen_random_uuid\(\)/),
        expect.stringMatching(/^CREATE TABLE "__tenant__"\."surveys" .*"createdAt" TIMESTAMP WITH/),
        expect.stringMatching(/^CREATE TABLE "__tenant__"\."surveys" .*UNIQUE \("slug"\)/),
        expect.stringMatching(/^CREATE TABLE "__tenant__"\."surveys_tags_tags" /),
        expect.stringMatching(/^CREATE INDEX .* ON "__tenant__"\."surveys" +\("createdAt", "slug"/),
        expect.stringMatching(/^ALTER TABLE "__tenant__"\."answers" .* ON DELETE CASCADE/),
        expect.stringMatching(/^ALTER TABLE "__tenant__"\."surveys" .*"public"\."countries"/),
      ]),
    );
    expect(tenant.source).not.toMatch(/CREATE SCHEMA|tenant_schemas_/);
    const [up = ''] = tenant.source.split('async down');
    expect(tenant.upStatements).toBe(up.split('queryRunner.query(').length - 1);
    expect(tenant.otherHistoryDiffers).toBe(false);
  });

  it('has nothing to generate a second time', async () => {
    const shared = [(await generated('shared')).Migration];
    const tenant = [(await generated('tenant', { shared })).Migration];
    expect(await generate('shared', { shared, tenant })).toBeUndefined();
    expect(await generate('tenant', { shared, tenant })).toBeUndefined();
  });
});

it('an entity is changed; the migration generated carries the marker, runs in every tenant, and a second generation is empty', async () => {
  const shared = [(await generated('shared')).Migration];
  const first = await generated('tenant', { shared });
  await withTenants(async ({ own, create, migrate, revert, save }) => {
    expect(await migrate({ shared })).toMatchObject([{ schema: 'public', status: 'applied' }]);
    for (const tenant of [A, B]) await create(tenant, [first.Migration]);
    const before = await structureOf(own, A.schema);
    expect(before).not.toEqual([]);

    const entities = [country, tag, surveyChanged, answerChanged];
    const state = { entities, shared, tenant: [first.Migration] };
    const second = await generated('tenant', state, 'CloseSurveys');
    expect(second).toMatchObject({ name: `CloseSurveys${NOW + 1}`, downProblem: undefined });
    expect(statementsOf(second).filter((sql) => !sql.includes(`"${TENANT_SCHEMA}".`))).toEqual([]);

    const tenant = [first.Migration, second.Migration];
    expect(await generate('tenant', { ...state, tenant }, 'Again')).toBeUndefined();

    expect(await migrate({ shared, tenant })).toMatchObject([
      { schema: 'public', status: 'skipped' },
      { schema: A.schema, status: 'applied', versions: [second.name] },
      { schema: B.schema, status: 'applied', versions: [second.name] },
    ]);
    const after = await structureOf(own, A.schema);
    expect(after).toEqual(await structureOf(own, B.schema));
    expect(after).toEqual(expect.arrayContaining(['surveys_status_enum closed']));
    await create({ id: A.id.replace(/a$/, 'c'), schema: 'tenant_c' }, tenant);
    expect(await structureOf(own, 'tenant_c')).toEqual(after);

    for (const { schema } of [A, B]) {
      const [row] = await own.sql(
        `SELECT col_description(attrelid, attnum) AS comment FROM pg_attribute
         WHERE attrelid = '${schema}.surveys'::regclass AND attname = 'question'`,
      );
      expect(row).toEqual({ comment: COMMENT });
    }
    const row = { slug: 'a', question: 'Why?', status: 'closed', tags: [] };
    await save(B, surveyChanged, row);
    expect(await own.sql(`SELECT slug FROM ${B.schema}.surveys`)).toEqual([{ slug: 'a' }]);
    expect(await own.sql(`SELECT slug FROM ${A.schema}.surveys`)).toEqual([]);

    await revert(A, second.Migration);
    expect(await structureOf(own, A.schema)).toEqual(before);
    await revert(A, first.Migration);
    expect(await structureOf(own, A.schema)).toEqual([]);
    expect(await structureOf(own, B.schema)).toEqual(after);
  });
});

describe('when both histories differ', () => {
  it('refuses the tenant migration and names the shared one to generate first', async () => {
    const refused = generate('tenant');
    await expect(refused).rejects.toBeInstanceOf(MigrationNotGeneratedError);
    await expect(refused).rejects.toThrow(
      /The shared history differs .*npm run migration:generate -- shared <Name>$/,
    );
  });

  it('refuses it as well where the shared one is behind by a column only', async () => {
    const shared = [(await generated('shared')).Migration];
    const entities = [countryChanged, tag, survey, answer];
    await expect(generate('tenant', { entities, shared })).rejects.toThrow(
      'ALTER TABLE "public"."countries" ADD "flag" text',
    );
  });

  it('generates the shared migration, and says that the tenants’ is next', async () => {
    expect(await generate('shared')).toMatchObject({ otherHistoryDiffers: true });
  });

  it('refuses a shared migration that only runs after the tenants’', async () => {
    const byName = new EntitySchema<Row>({
      name: 'Visit',
      tableName: 'visits',
      columns: { id: { type: Number, primary: true, generated: 'increment' } },
      relations: {
        country: {
          type: 'many-to-one',
          target: 'Country',
          joinColumn: { name: 'country', referencedColumnName: 'name' },
        },
      },
    });
    const withoutRelation = new EntitySchema<Row>({
      ...byName.options,
      columns: { ...byName.options.columns, country: { type: 'text', nullable: true } },
      relations: {},
    });
    const notUnique = new EntitySchema<Row>({
      ...country.options,
      columns: { ...country.options.columns, name: { type: 'text' } },
    });
    const before = [country, byName];
    const shared = [(await generated('shared', { entities: before })).Migration];
    const tenant = [(await generated('tenant', { entities: before, shared })).Migration];
    const entities = [notUnique, withoutRelation];
    await expect(generate('shared', { entities, shared, tenant })).rejects.toThrow(
      /does not run: cannot drop constraint .*The tenant history differs as well and may have to go first/,
    );
    // Control: in the order that the message says, both are generated.
    const first = await generated('tenant', {
      entities: [country, withoutRelation],
      shared,
      tenant,
    });
    const later = { entities, shared, tenant: [...tenant, first.Migration] };
    expect(await generate('shared', later)).toMatchObject({ otherHistoryDiffers: false });
  });
});

describe('the scratch database', () => {
  it('exists while a migration of the history runs, with an empty search path', async () => {
    const seen: unknown[] = [];
    const look = migration(`Look${NOW - 1}`, async (queryRunner) => {
      const [row] = await queryRunner.query(
        `SELECT current_database() AS name, current_setting('search_path') AS path`,
      );
      seen.push(row, await scratchDatabases());
    });
    await generate('shared', { shared: [look] });
    const name = expect.stringMatching(/^tenant_schemas_scratch_[0-9a-f]{16}$/);
    expect(seen).toEqual([{ name, path: '""' }, [name]]);
  });

  it.each([
    ['shared', 'public'],
    ['tenant', TENANT_SCHEMA],
  ] as const)('is gone after a %s migration failed, which is named', async (history, schema) => {
    const fail = migration(`Fail${NOW}`, (queryRunner) =>
      queryRunner.query('SELECT no_such_column'),
    );
    const failing = generate('shared', { [history]: [fail] });
    await expect(failing).rejects.toBeInstanceOf(MigrationFailedError);
    await expect(failing).rejects.toMatchObject({ migration: `Fail${NOW}`, schema });
  });

  it('fails a migration that does not say in which schema', async () => {
    const forgot = migration(`Forgot${NOW}`, (queryRunner) =>
      queryRunner.query('CREATE TABLE t ()'),
    );
    await expect(generate('tenant', { tenant: [forgot] })).rejects.toThrow(
      `Migration Forgot${NOW} failed in schema "${TENANT_SCHEMA}": no schema has been selected to create in`,
    );
  });

  it('is each generation’s own, so that several at once do not meet', async () => {
    const all = await Promise.all([generate('shared'), generate('shared'), generate('shared')]);
    const [one] = all;
    expect(one?.source).toContain('CREATE TABLE "public"."countries"');
    expect(all).toEqual([one, one, one]);
  });

  it('is asked for by name of the right that a login lacks', async () => {
    const poor = await createRole('NOCREATEDB');
    try {
      const options = { entities: ENTITIES, sharedMigrations: [], tenantMigrations: [] };
      await expect(
        generateMigration('shared', 'AddCountries', { ...options, url: urlOf(poor) }),
      ).rejects.toThrow('ALTER ROLE <login> CREATEDB');
    } finally {
      await database.sql(`DROP ROLE ${poor}`);
    }
  });
});

describe('a migration in two forms', () => {
  it('is applied in the one for new schemas, in its transaction', async () => {
    const { Migration } = await generated('tenant', { entities: [tag] });
    class AddTagIndex1700000000001 {
      readonly name = `AddTagIndex${NOW + 1}`;
      readonly transaction = false;
      up(): Promise<void> {
        return Promise.reject(new Error('CONCURRENTLY'));
      }
      async upInNewSchema(queryRunner: QueryRunner): Promise<void> {
        expect(queryRunner.isTransactionActive).toBe(true);
        await queryRunner.query(`CREATE INDEX tags_label ON "${TENANT_SCHEMA}".tags (label)`);
      }
      async down(): Promise<void> {}
    }
    const indexed = new EntitySchema<Row>({
      ...tag.options,
      indices: [{ name: 'tags_label', columns: ['label'] }],
    });
    const tenant = [Migration, AddTagIndex1700000000001];
    expect(await generate('tenant', { entities: [indexed], tenant })).toBeUndefined();
    // Control: without that migration the index is what is missing.
    const missing = await generate('tenant', { entities: [indexed], tenant: [Migration] });
    expect(missing?.source).toContain('CREATE INDEX "tags_label" ON "__tenant__"."tags"');
  });
});

describe('what is refused', () => {
  it.each(['', '1st', 'Add-Polls', 'AddPolls;', 'Añadir', '../AddPolls'])(
    'the name %p, before anything is sent',
    async (name) => {
      const options = { url: 'postgres://nowhere.invalid/x', entities: [] };
      const refused = generateMigration('tenant', name, {
        ...options,
        sharedMigrations: [],
        tenantMigrations: [],
      });
      await expect(refused).rejects.toBeInstanceOf(TenancyOptionsError);
      await expect(refused).rejects.toThrow('generateMigration: name must be letters');
    },
  );

  it('a view, and a generated column, until their table is provisioned', async () => {
    const view = new EntitySchema<Row>({
      name: 'OpenSurvey',
      type: 'view',
      expression: 'SELECT 1 AS id',
      columns: { id: { type: Number } },
    });
    await expect(generate('tenant', { entities: [view] })).rejects.toThrow(
      'View OpenSurvey is not supported yet',
    );
    const shouting = new EntitySchema<Row>({
      ...tag.options,
      columns: {
        ...tag.options.columns,
        loud: { type: 'text', generatedType: 'STORED', asExpression: 'upper(label)' },
      },
    });
    await expect(generate('tenant', { entities: [shouting] })).rejects.toThrow(
      'Generated column Tag.loud is not supported yet',
    );
    const byHand = migration(`Tags${NOW}`, (queryRunner) =>
      queryRunner.query(
        `CREATE TABLE "${TENANT_SCHEMA}".tags (id int, label text GENERATED ALWAYS AS ('a') STORED)`,
      ),
    );
    await expect(generate('tenant', { entities: [tag], tenant: [byHand] })).rejects.toThrow(
      'A generated column is not supported yet',
    );
  });

  it('a shared entity that refers to a tenant’s', async () => {
    const misled = new EntitySchema<Row>({
      ...country.options,
      relations: { tag: { type: 'many-to-one', target: 'Tag' } },
    });
    await expect(generate('shared', { entities: [misled, tag] })).rejects.toThrow(
      'Shared entity Country refers to Tag',
    );
  });

  it('a difference that would come back after every migration', async () => {
    const sum = new EntitySchema<Row>({
      ...tag.options,
      columns: { ...tag.options.columns, weight: { type: Number, default: () => '1+1' } },
    });
    await expect(generate('tenant', { entities: [sum] })).rejects.toThrow(
      /After it TypeORM would write ALTER TABLE "__tenant__"\."tags" .*again, and every time/,
    );
  });
});

it('says in the result and in the source when TypeORM’s down does not run', async () => {
  const values = (...list: string[]): EntitySchema<Row> =>
    new EntitySchema<Row>({
      ...tag.options,
      columns: { ...tag.options.columns, kind: { type: 'enum', enum: list, default: 'a' } },
    });
  const first = await generated('tenant', { entities: [values('a')] });
  const state = { entities: [values('a', 'b')], tenant: [first.Migration] };
  const second = await generated('tenant', state);
  const problem = /^default for column "kind" cannot be cast automatically .* in ALTER TABLE/;
  expect(second.downProblem).toMatch(problem);
  expect(second.source).toContain(
    `  async down(queryRunner: QueryRunner): Promise<void> {
    // To be corrected, it does not run: ${second.downProblem}
`,
  );
  // Control: one that runs says nothing.
  expect(first.downProblem).toBeUndefined();
  expect(first.source).not.toContain('//');
});

describe('the name', () => {
  it('gets a timestamp after the newest of its history, and a capital', async () => {
    const ahead = migration(`Ahead${NOW + 5000}`, async () => undefined);
    const behind = migration(`Behind${NOW - 5000}`, async () => undefined);
    const state = { entities: [tag], tenant: [ahead, behind] };
    expect(await generate('tenant', state, 'addTags')).toMatchObject({
      name: `AddTags${NOW + 5001}`,
      fileName: `${NOW + 5001}-add-tags.ts`,
    });
    const older = { entities: [tag], tenant: [behind] };
    expect(await generate('tenant', older, 'AddTags')).toMatchObject({ name: `AddTags${NOW}` });
  });
});
