// Migrations of a single-tenant application in raw SQL, as TypeORM generates them: unchanged, they create, change and revert
// each tenant's own tables, and never touch those of public.
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { singleTenantMigrations, tenantContext } from '../../../src/index.js';
import { migration, useSingleTenant } from './single-tenant-support.js';

/** As TypeORM generates it for a DataSource with `schema: 'public'`. */
class CreateUser1715028537217 implements MigrationInterface {
  name = 'CreateUser1715028537217';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`CREATE TYPE "public"."user_role_enum" AS ENUM('admin', 'user')`);
    await queryRunner.query(
      `CREATE TABLE "public"."user" ("id" SERIAL NOT NULL, "email" character varying, ` +
        `"role" "public"."user_role_enum" NOT NULL DEFAULT 'user', CONSTRAINT "PK_user" PRIMARY KEY ("id"))`,
    );
    await queryRunner.query(
      `CREATE TABLE "post" ("id" SERIAL PRIMARY KEY, "userId" integer, "text" text)`,
    );
    await queryRunner.query(
      `ALTER TABLE "post" ADD CONSTRAINT "FK_post" FOREIGN KEY ("userId") REFERENCES "public"."user"("id")`,
    );
    await queryRunner.query(`INSERT INTO public.user (email) VALUES ('public.user@example.com')`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP TABLE "post"`);
    await queryRunner.query(`DROP TABLE "public"."user"`);
    await queryRunner.query(`DROP TYPE "public"."user_role_enum"`);
  }
}

const single = useSingleTenant();

/** The tables that the application used before it had tenants. */
const OLD = [
  `CREATE TABLE public.user (id int, email text)`,
  `INSERT INTO public.user VALUES (1, 'old')`,
];

beforeEach(() => single.database.sql(OLD.join(';')));

it('creates and reverts the tables of each tenant, and leaves those of public', async () => {
  const history = singleTenantMigrations([CreateUser1715028537217]);
  const one = await single.create(history, 'one');
  await single.create(history, 'two');
  const own = ['one.post', 'one.user', 'two.post', 'two.user'];
  expect(await single.tables()).toEqual([...own.slice(0, 2), 'public.user', ...own.slice(2)]);
  await tenantContext.run(one, () => single.dataSource.query(`DELETE FROM "__tenant__"."post"`));
  expect(await single.database.sql('SELECT email, role::text FROM two.user')).toEqual([
    { email: 'public.user@example.com', role: 'user' },
  ]);
  const { migrator } = await single.schemasOf(history);
  for await (const { error } of migrator.revertAll({}, 1)) expect(error).toBeUndefined();
  expect(await single.tables()).toEqual(['public.user']);
  expect(await single.database.sql('SELECT email FROM public.user')).toEqual([{ email: 'old' }]);
});

it('fails without the wrapper (control)', async () => {
  await expect(single.create([CreateUser1715028537217], 'one')).rejects.toThrow(
    'relation "user" already exists',
  );
  await single.create([migration(1, 'DELETE FROM public.user')], 'two');
  expect(await single.database.sql('SELECT email FROM public.user')).toEqual([]);
});

it.each([
  ['an unqualified name', 'UPDATE "user" SET email = NULL'],
  ['a qualified name', 'UPDATE public."user" SET email = NULL'],
  ['dynamic SQL', `DO $$ BEGIN EXECUTE 'UPDATE public.user SET email = NULL'; END $$`],
  ['a search path of its own', `SET search_path = public; UPDATE "user" SET email = NULL`],
])('does not reach a table of public by %s', async (_, statement) => {
  const history = singleTenantMigrations([migration(1, statement)]);
  await expect(single.create(history, 'one')).rejects.toMatchObject({ cause: { code: '42P01' } });
  expect(await single.database.sql('SELECT email FROM public.user')).toEqual([{ email: 'old' }]);
});

it('rewrites functions, triggers, views, sequences and reads of the catalogue', async () => {
  const seen: unknown[] = [];
  const history = singleTenantMigrations([
    migration(1, async (queryRunner) => {
      await queryRunner.query(`CREATE SEQUENCE "public"."ids"`);
      await queryRunner.query(
        `CREATE TABLE "public"."log" (id int DEFAULT nextval('"public"."ids"'::regclass), at text DEFAULT 'public.log')`,
      );
      await queryRunner.query(`CREATE TABLE public.thing (id int)`);
      await queryRunner.query(
        `CREATE FUNCTION public.note() RETURNS trigger LANGUAGE plpgsql AS $$
         BEGIN INSERT INTO "public"."log" DEFAULT VALUES; RETURN NEW; END $$`,
      );
      await queryRunner.query(
        `CREATE TRIGGER note BEFORE INSERT ON "public"."thing" FOR EACH ROW EXECUTE FUNCTION "public"."note"()`,
      );
      await queryRunner.query(`CREATE VIEW "public"."logged" AS SELECT id, at FROM "public"."log"`);
      await queryRunner.query(
        `INSERT INTO "typeorm_metadata"("database", "schema", "table", "type", "name", "value") VALUES (DEFAULT, $1, DEFAULT, $2, $3, $4)`,
        ['public', 'VIEW', 'logged', 'SELECT id, at FROM "public"."log"'],
      );
      seen.push(
        await queryRunner.query(
          `SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' AND table_name = $1`,
          ['thing'],
        ),
      );
    }),
  ]);
  const one = await single.create(history, 'one');
  await tenantContext.run(one, () =>
    single.dataSource.query('INSERT INTO "__tenant__".thing VALUES (1)'),
  );
  expect(seen).toEqual([[{ table_name: 'thing' }]]);
  expect(await single.database.sql('SELECT * FROM one.logged')).toEqual([
    { id: 1, at: 'public.log' },
  ]);
  expect(await single.database.sql('SELECT schema, name FROM one.typeorm_metadata')).toEqual([
    { schema: 'one', name: 'logged' },
  ]);
});

it('reads and changes data, by statements and by the manager', async () => {
  const history = singleTenantMigrations([
    CreateUser1715028537217,
    migration(1_000_000_000, async (queryRunner) => {
      const [{ id }] = (await queryRunner.query(
        'SELECT id FROM "public"."user" WHERE email <> $1',
        ['public.x'],
      )) as [{ id: number }];
      await queryRunner.manager.query('INSERT INTO "post" ("userId", text) VALUES ($1, $2)', [
        id,
        'public',
      ]);
      const [, count] = (await queryRunner.query('UPDATE "public"."post" SET text = text')) as [
        unknown,
        number,
      ];
      expect(count).toBe(1);
    }),
  ]);
  await single.create(history, 'one');
  expect(await single.database.sql('SELECT text FROM one.post')).toEqual([{ text: 'public' }]);
});

it('runs a migration without a transaction, which creates no index concurrently in a new schema', async () => {
  class AddIndex1715028537218 implements MigrationInterface {
    transaction = false;

    async up(queryRunner: QueryRunner): Promise<void> {
      await queryRunner.query('CREATE INDEX CONCURRENTLY "by_email" ON "public"."user" ("email")');
    }

    async down(queryRunner: QueryRunner): Promise<void> {
      await queryRunner.query('DROP INDEX CONCURRENTLY "public"."by_email"');
    }
  }
  const first = await single.create(singleTenantMigrations([CreateUser1715028537217]), 'one');
  const history = singleTenantMigrations([AddIndex1715028537218, CreateUser1715028537217]);
  await single.create(history, 'two');
  const { migrator } = await single.schemasOf(history);
  expect(await migrator.migrateTenant(first)).toMatchObject({
    status: 'applied',
    versions: ['AddIndex1715028537218'],
  });
  const indexes = `SELECT schemaname FROM pg_indexes WHERE indexname = 'by_email' ORDER BY 1`;
  expect(await single.database.sql(indexes)).toEqual([
    { schemaname: 'one' },
    { schemaname: 'two' },
  ]);
  for await (const { error } of migrator.revertAll({}, 1)) expect(error).toBeUndefined();
  expect(await single.database.sql(indexes)).toEqual([]);
});

it('prints the statements of a dry run, with the schema of the tenant', async () => {
  const tenant = await single.create([], 'one');
  const { migrator } = await single.schemasOf(
    singleTenantMigrations([migration(1, 'ALTER TABLE "public"."a" ADD b int')]),
  );
  const plans: unknown[] = [];
  for await (const plan of migrator.planAll({ schemas: [tenant.schema] })) plans.push(plan);
  expect(plans).toMatchObject([
    { schema: 'one', migrations: [{ statements: ['ALTER TABLE "one"."a" ADD b int'] }] },
  ]);
});

it('sends the statements of a migration together', async () => {
  const tenant = await single.create([], 'one');
  const counted: string[] = [];
  const { logger } = single.dataSource;
  logger.logQuery = (text: string): void => void counted.push(text);
  const statements = async (queryRunner: QueryRunner): Promise<void> => {
    for (const name of ['a', 'b', 'c'])
      await queryRunner.query(`CREATE TABLE public.${name} (id int)`);
  };
  const { migrator } = await single.schemasOf(singleTenantMigrations([migration(1, statements)]));
  expect(await migrator.migrateTenant(tenant)).toMatchObject({ status: 'applied' });
  const messages = counted.filter((text) => text.includes('CREATE TABLE "__tenant__".'));
  expect(messages).toHaveLength(1);
  expect(messages[0]).toMatch(/\.a [\s\S]*\.b [\s\S]*\.c /);
});

it('runs statements that the migration does not await before the end of its transaction', async () => {
  const history = singleTenantMigrations([
    migration(1, async (queryRunner) => {
      await queryRunner.query('CREATE TABLE "public"."a" (id int)');
      void queryRunner.query('CREATE TABLE "public"."b" (id int)');
      void queryRunner.query('INSERT INTO "public"."b" VALUES (1) RETURNING id');
    }),
    migration(2, (queryRunner) => queryRunner.query('ALTER TABLE "public"."b" ADD c int')),
  ]);
  await single.create(history, 'one');
  expect(await single.database.sql('SELECT id, c FROM one.b')).toEqual([{ id: 1, c: null }]);
});
