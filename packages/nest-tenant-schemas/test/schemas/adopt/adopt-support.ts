// What the specs on adoption share: the database of a single-tenant application, and services of the same application with tenants.
import { DataSource, type MigrationInterface, type QueryRunner } from 'typeorm';
import { createTestDatabase, type TestDatabase } from 'test-support/test-database.js';
import {
  createTenantDataSource,
  CreateTenantsTable1400000000000,
  describeSchema,
  loadTenantMigrations,
  type MigrationClass,
  readHistory,
  SchemaAdopter,
  SchemaDoctor,
  SchemaMigrator,
  singleTenantMigrations,
  tenantContext,
  type TenantMigrations,
  TenantProvisioner,
} from '../../../src/index.js';
import { type TableTenant, TenantsTable } from '../../../src/registry/stores/tenants-table.js';

type TypeOrmMigration = new () => MigrationInterface;

export const ACME = { name: 'Acme', schema: 'acme' };

/** Returns a migration of TypeORM that runs SQL. Its name ends in a timestamp of that many seconds. */
export function sqlMigration(second: number, ...statements: string[]): TypeOrmMigration {
  return class implements MigrationInterface {
    readonly name = `Step${1_700_000_000_000 + second * 1000}`;

    async up(queryRunner: QueryRunner): Promise<void> {
      for (const statement of statements) await queryRunner.query(statement);
    }

    async down(): Promise<void> {}
  };
}

const EXTENSIONS = sqlMigration(
  1,
  'CREATE EXTENSION IF NOT EXISTS "uuid-ossp"',
  'CREATE EXTENSION IF NOT EXISTS pgcrypto',
  'CREATE EXTENSION IF NOT EXISTS citext',
);

const TABLES = sqlMigration(
  2,
  `CREATE TYPE "public"."user_role_enum" AS ENUM ('member', 'admin')`,
  `CREATE DOMAIN "public"."email" AS citext CHECK (length(VALUE::text) > 2)`,
  'CREATE TYPE address AS (street text, zip text)',
  'CREATE SEQUENCE public.invoice_number START 100',
  `CREATE TABLE "user" (
     "id" uuid NOT NULL DEFAULT uuid_generate_v4() PRIMARY KEY, "number" SERIAL NOT NULL,
     "position" int GENERATED ALWAYS AS IDENTITY, "email" "public"."email" UNIQUE, "home" address,
     "role" "public"."user_role_enum" NOT NULL DEFAULT 'member', "visibility" text NOT NULL DEFAULT 'public',
     "lower" text GENERATED ALWAYS AS (lower(visibility)) STORED)`,
  `CREATE TABLE "public"."invoice" (
     "id" int PRIMARY KEY DEFAULT nextval('public.invoice_number'),
     "userId" uuid NOT NULL CONSTRAINT "FK_user" REFERENCES "public"."user" ("id") ON DELETE CASCADE,
     "token" text NOT NULL DEFAULT encode(digest('a', 'sha256'), 'hex'), "total" numeric(10, 2) CHECK (total >= 0))`,
  'CREATE INDEX "IDX_invoice" ON "public"."invoice" ("userId") WHERE total > 0',
  'CREATE STATISTICS public.invoice_statistics ON "userId", total FROM "public"."invoice"',
  `CREATE TABLE event (at date NOT NULL, kind text) PARTITION BY RANGE (at)`,
  `CREATE TABLE event_2025 PARTITION OF event FOR VALUES FROM ('2025-01-01') TO ('2026-01-01')`,
  'CREATE INDEX ON event (kind)',
);

const CODE = sqlMigration(
  3,
  `CREATE VIEW "public"."public_user" AS SELECT u.id, u.email FROM "public"."user" AS u WHERE u.visibility = 'public'`,
  'CREATE MATERIALIZED VIEW totals AS SELECT "userId", sum(total) AS total FROM "public"."invoice" GROUP BY 1',
  'CREATE UNIQUE INDEX ON totals ("userId")',
  `CREATE FUNCTION public.count_users(r public.user_role_enum) RETURNS bigint LANGUAGE sql STABLE AS $$
     -- Counts public."user".
     SELECT count(*) FROM public."user" WHERE role = r $$`,
  `CREATE FUNCTION token() RETURNS text LANGUAGE plpgsql SET search_path TO pg_catalog, public AS $$
   BEGIN RETURN encode(digest(uuid_generate_v4()::text, 'sha256'), 'hex'); END $$`,
  `CREATE FUNCTION parsed(n int) RETURNS bigint LANGUAGE sql BEGIN ATOMIC SELECT count(*) FROM "public"."invoice" WHERE id = n; END`,
  `CREATE FUNCTION public.on_invoice() RETURNS trigger LANGUAGE plpgsql AS $$
   BEGIN
     EXECUTE 'INSERT INTO public.event VALUES (''2025-02-02'', ''invoice'')';
     PERFORM 1 FROM public."user" WHERE id = NEW."userId";
     RETURN NEW;
   END $$`,
  `CREATE TRIGGER on_invoice AFTER INSERT ON "public"."invoice" FOR EACH ROW EXECUTE FUNCTION public.on_invoice()`,
  `CREATE PROCEDURE public.tidy() LANGUAGE sql AS $$ DELETE FROM public.event WHERE kind IS NULL $$`,
  `CREATE AGGREGATE public.sum_of(int) (SFUNC = int4pl, STYPE = int)`,
  `ALTER TABLE "user" ENABLE ROW LEVEL SECURITY`,
  `CREATE POLICY visible ON "user" USING (visibility = 'public')`,
);

export const HISTORY: readonly TypeOrmMigration[] = [EXTENSIONS, TABLES, CODE];

const ROWS = `
INSERT INTO public."user" (email, role) VALUES ('a@x', 'admin'), ('b@x', 'member');
INSERT INTO public.invoice ("userId", total) SELECT id, 5 FROM public."user";
REFRESH MATERIALIZED VIEW public.totals;`;

/** Serves one application whose database was a single tenant's. */
export interface Adopted {
  readonly database: TestDatabase;
  readonly dataSource: DataSource;
  readonly registry: TenantsTable;
  readonly adopter: SchemaAdopter<TableTenant>;
  readonly migrator: SchemaMigrator;
  readonly provisioner: TenantProvisioner<TableTenant>;
  readonly doctor: SchemaDoctor;
  /** Describes the structure of a schema. */
  describe(schema: string): Promise<string[]>;
  /** Returns all that an adoption may change: structure and rows of both schemas, and recorded migrations. */
  snapshot(): Promise<unknown>;
}

/** Creates a database with the history of a single-tenant application before each test. */
export function useAdoption(history = HISTORY): Adopted & {
  services(tenant: TenantMigrations, shared?: readonly MigrationClass[]): Promise<Adopted>;
} {
  let database: TestDatabase;
  let dataSource: DataSource;
  let current: Adopted;

  async function services(
    tenantMigrations: TenantMigrations,
    sharedMigrations: readonly MigrationClass[] = [],
  ): Promise<Adopted> {
    const registry = new TenantsTable(dataSource);
    const tenant = readHistory(await loadTenantMigrations(tenantMigrations, dataSource), 'test');
    const shared = readHistory([CreateTenantsTable1400000000000, ...sharedMigrations], 'test');
    const histories = { shared, tenant };
    const describe = (schema: string): Promise<string[]> =>
      tenantContext.runAsOwner(undefined, async () => {
        const queryRunner = dataSource.createQueryRunner();
        try {
          return await describeSchema(queryRunner, schema);
        } finally {
          await queryRunner.release();
        }
      });
    return {
      database,
      dataSource,
      registry,
      adopter: new SchemaAdopter(dataSource, registry, histories),
      migrator: new SchemaMigrator(dataSource, registry, histories),
      provisioner: new TenantProvisioner(dataSource, registry, tenant),
      doctor: new SchemaDoctor(dataSource, registry, histories),
      describe,
      snapshot: async () => ({
        public: await describe('public'),
        acme: await describe('acme'),
        texts: await database.sql(
          `SELECT proname, prosrc, proconfig FROM pg_proc WHERE pronamespace = 'public'::regnamespace ORDER BY 1, 2`,
        ),
        schemas: await database.sql(`SELECT nspname FROM pg_namespace ORDER BY 1`),
        migrations: await database
          .sql(`SELECT * FROM public.migrations ORDER BY id`)
          .catch(() => []),
      }),
    };
  }

  beforeEach(async () => {
    database = await createTestDatabase();
    await runMigrations(database.directUrl, history);
    if (history === HISTORY) await database.sql(ROWS);
    dataSource = await createTenantDataSource({ url: database.url, poolSize: 3 }).initialize();
    current = await services(history.length > 0 ? singleTenantMigrations([...history]) : []);
  });

  afterEach(async () => {
    await dataSource.destroy();
    await database.drop();
  });

  return new Proxy({ services } as ReturnType<typeof useAdoption>, {
    get: (target, key) => Reflect.get(key in target ? target : current, key) as unknown,
  });
}

/** Runs migrations as the single-tenant application does. */
export async function runMigrations(
  url: string,
  migrations: readonly TypeOrmMigration[],
  schema = 'public',
): Promise<void> {
  const single = await new DataSource({
    type: 'postgres',
    url,
    migrations: [...migrations],
    schema,
    extra: { options: `-c search_path=${schema},public` },
  }).initialize();
  try {
    await single.runMigrations();
  } finally {
    await single.destroy();
  }
}

/** Collects what an async iterable yields. */
export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
