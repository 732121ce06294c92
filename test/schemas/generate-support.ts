// What the specs on generated migrations share: entities with every kind of column and relation, a login that
// owns the scratch databases, and tenants to run in what was generated.
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
  type MigrationHistoryName,
  type MigrationResult,
  SchemaMigrator,
  type Tenant,
  tenantContext,
  TenantProvisioner,
} from '../../src/tenancy/index.js';
import { MemoryRegistry } from '../support/memory-registry.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

export const NOW = 1_700_000_000_000;
export const COMMENT = "it's `the` ${question}, C:\\new\r\nof two lines";

export type Row = Record<string, unknown>;

/** Shared: tenants refer to it. */
export const country = new EntitySchema<Row>({
  name: 'Country',
  schema: 'public',
  tableName: 'countries',
  columns: {
    code: { type: 'varchar', length: 2, primary: true },
    name: { type: 'text', unique: true },
  },
});

export const tag = new EntitySchema<Row>({
  name: 'Tag',
  tableName: 'tags',
  columns: {
    id: { type: Number, primary: true, generated: 'increment' },
    label: { type: 'text' },
  },
});

export const survey = new EntitySchema<Row>({
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

export const answer = new EntitySchema<Row>({
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
export const answerChanged = new EntitySchema<Row>({
  ...answer.options,
  columns: { ...answer.options.columns, text: { type: 'text' }, weight: { type: Number } },
});
export const surveyChanged = new EntitySchema<Row>({
  ...survey.options,
  columns: {
    ...survey.options.columns,
    status: { type: 'enum', enum: ['draft', 'open', 'closed'] },
    closesAt: { type: 'timestamptz', nullable: true },
  },
  indices: [...(survey.options.indices ?? []), { columns: ['createdAt'] }],
});
export const countryChanged = new EntitySchema<Row>({
  ...country.options,
  columns: { ...country.options.columns, flag: { type: 'text', nullable: true } },
});

export const ENTITIES = [country, tag, survey, answer];

export let database: TestDatabase;
/** Owns the scratch databases of this file: other processes generate on the same server. */
export let role: string;
export let url: string;

/** Registers what a spec file on generation needs around its tests. */
export function useGenerator(): void {
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
}

export async function createRole(attributes: string): Promise<string> {
  const name = `nts_test_${process.pid}_${randomBytes(4).toString('hex')}`;
  await database.sql(`CREATE ROLE ${name} LOGIN PASSWORD '${name}' ${attributes}`);
  return name;
}

export function urlOf(login: string): string {
  return Object.assign(new URL(database.directUrl), {
    username: login,
    password: login,
  }).toString();
}

export async function scratchDatabases(): Promise<string[]> {
  const rows = await database.sql<{ datname: string }>(
    `SELECT d.datname FROM pg_database d JOIN pg_roles r ON r.oid = d.datdba WHERE r.rolname = $1`,
    [role],
  );
  return rows.map(({ datname }) => datname);
}

export interface State {
  readonly entities?: (EntitySchema<Row> | (new () => object))[];
  readonly shared?: readonly MigrationClass[];
  readonly tenant?: readonly MigrationClass[];
}

export function generate(
  history: MigrationHistoryName,
  { entities = ENTITIES, shared = [], tenant = [] }: State = {},
  name = 'AddSurveys',
): Promise<GeneratedMigration | undefined> {
  const options = { url, entities, sharedMigrations: shared, tenantMigrations: tenant };
  return generateMigration(history, name, options, NOW);
}

export async function generated(
  ...args: Parameters<typeof generate>
): Promise<GeneratedMigration & { readonly Migration: MigrationClass }> {
  const result = await generate(...args);
  if (!result) throw new Error('Nothing was generated.');
  return { ...result, Migration: evaluate(result) };
}

/** The class that the source declares. */
export function evaluate({ name, source }: GeneratedMigration): MigrationClass {
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

export function statementsOf({ source }: GeneratedMigration): string[] {
  return [...source.matchAll(/`(.*)`/g)].map(([, statement = '']) => statement);
}

/** A migration written by hand. */
export function migration(
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
export async function structureOf(on: TestDatabase, schema: string): Promise<string[]> {
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
export async function withTenants(work: (tenants: Tenants) => Promise<void>): Promise<void> {
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

export interface Tenants {
  readonly own: TestDatabase;
  create(tenant: Tenant, history: readonly MigrationClass[]): Promise<void>;
  migrate(histories: Pick<State, 'shared' | 'tenant'>): Promise<MigrationResult[]>;
  revert(tenant: Tenant, Migration: MigrationClass): Promise<void>;
  save(tenant: Tenant, entity: EntitySchema<Row>, row: object): Promise<unknown>;
}
