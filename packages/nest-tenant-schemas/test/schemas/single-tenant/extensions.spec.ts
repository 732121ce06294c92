// Extensions of a single-tenant application are in public. Migrations of tenants use their functions and types, create them once
// for all tenants, and reach no table of public.
import { randomBytes } from 'node:crypto';
import {
  createTenantDataSource,
  loadTenantMigrations,
  readHistory,
  singleTenantMigrations,
  tenantContext,
  TenantProvisioner,
} from '../../../src/index.js';
import { MemoryRegistry } from 'test-support/memory-registry.js';
import { migration, useSingleTenant } from './single-tenant-support.js';

const CREATE_EXTENSION = migration(
  1,
  'CREATE EXTENSION IF NOT EXISTS "uuid-ossp"',
  'DROP EXTENSION "uuid-ossp" CASCADE',
);

const CREATE_TABLE = migration(
  2,
  `CREATE TABLE "user" ("id" uuid NOT NULL DEFAULT uuid_generate_v4(), "email" citext UNIQUE, code text)`,
  'DROP TABLE "user"',
);

const single = useSingleTenant();

const extensions = (): Promise<unknown[]> =>
  single.database.sql(
    `SELECT extname AS name, extnamespace::regnamespace::text AS schema FROM pg_extension
     WHERE extname <> 'plpgsql' ORDER BY extname`,
  );

it('uses extensions of public', async () => {
  await single.database.sql(
    ['"uuid-ossp"', 'citext', 'pgcrypto', 'pg_trgm', 'hstore']
      .map((name) => `CREATE EXTENSION ${name} SCHEMA public`)
      .join(';'),
  );
  const one = await single.create(
    singleTenantMigrations([
      CREATE_EXTENSION,
      CREATE_TABLE,
      migration(3, async (queryRunner) => {
        await queryRunner.query('CREATE INDEX ON "user" USING gin (code gin_trgm_ops)');
        await queryRunner.query('ALTER TABLE "public"."user" ADD "more" hstore');
        await queryRunner.query(
          `INSERT INTO "public"."user" ("email", code, more)
           VALUES ('A@x', encode(digest('a', 'sha256'), 'hex'), 'a=>1'::public.hstore)`,
        );
        await queryRunner.query(
          'ALTER TABLE "public"."user" ALTER "id" SET DEFAULT public.uuid_generate_v4()',
        );
      }),
    ]),
    'one',
  );
  await tenantContext.run(one, async () => {
    const insert = `INSERT INTO "__tenant__"."user" (email) VALUES ($1) RETURNING id`;
    expect(await single.dataSource.query(insert, ['b@x'])).toMatchObject([
      { id: expect.any(String) },
    ]);
    await expect(single.dataSource.query(insert, ['a@X'])).rejects.toMatchObject({ code: '23505' });
  });
});

it('creates an extension in public for the first tenant, and keeps it for the others', async () => {
  const history = singleTenantMigrations([
    migration(0, 'CREATE EXTENSION citext'),
    CREATE_EXTENSION,
    CREATE_TABLE,
  ]);
  const [one] = await Promise.all([single.create(history, 'one'), single.create(history, 'two')]);
  const created = [
    { name: 'citext', schema: 'public' },
    { name: 'uuid-ossp', schema: 'public' },
  ];
  expect(await extensions()).toEqual(created);
  const { migrator } = await single.schemasOf(history);
  for await (const result of migrator.revertAll({ schemas: [one.schema] }, 3)) {
    expect(result).toMatchObject({ status: 'reverted' });
  }
  expect(await extensions()).toEqual(created);
  expect(await single.tables()).toEqual(['two.user']);
});

it('finds a function of an extension that the same migration creates', async () => {
  const history = singleTenantMigrations([
    migration(1, async (queryRunner) => {
      await queryRunner.query('CREATE TABLE "public"."before" (id int)');
      await queryRunner.query('CREATE EXTENSION "uuid-ossp" WITH SCHEMA public');
      await queryRunner.query('CREATE TABLE "public"."after" (id uuid DEFAULT uuid_generate_v4())');
    }),
  ]);
  await single.create(history, 'one');
  await single.create(history, 'two');
  expect(await single.tables()).toEqual(['one.after', 'one.before', 'two.after', 'two.before']);
});

it('says what an administrator must run if the account may not create the extension', async () => {
  const role = `nts_test_${process.pid}_${randomBytes(4).toString('hex')}`;
  await single.database.sql(`CREATE ROLE ${role} LOGIN PASSWORD '${role}'`);
  await single.database.sql(`GRANT CREATE ON DATABASE ${single.database.name} TO ${role}`);
  const url = Object.assign(new URL(single.database.directUrl), { username: role, password: role });
  const dataSource = await createTenantDataSource({ url: url.toString() }).initialize();
  try {
    // Only a superuser may create this one.
    const history = singleTenantMigrations([migration(1, 'CREATE EXTENSION "pageinspect"')]);
    const provisioner = new TenantProvisioner(
      dataSource,
      new MemoryRegistry(),
      readHistory(await loadTenantMigrations(history, dataSource), 'test'),
    );
    const created = provisioner.create({
      id: '00000000-0000-4000-8000-00000000000a',
      schema: 'one',
    });
    await expect(created).rejects.toThrow(
      `permission denied to create extension "pageinspect" for role "${role}". Have an administrator run once: ` +
        'CREATE EXTENSION IF NOT EXISTS "pageinspect" SCHEMA public; Then run this command again',
    );
  } finally {
    await dataSource.destroy();
    await single.database.sql(
      `REVOKE ALL ON DATABASE ${single.database.name} FROM ${role}; DROP ROLE ${role}`,
    );
  }
});

it('finds neither functions nor types of the application in public', async () => {
  await single.database.sql(
    `CREATE TYPE public.role AS ENUM ('a'); CREATE FUNCTION public.one() RETURNS int LANGUAGE sql AS 'SELECT 1'`,
  );
  const failing = async (statement: string): Promise<void> => {
    const created = single.create(singleTenantMigrations([migration(1, statement)]), 'one');
    await expect(created).rejects.toMatchObject({ code: 'MIGRATION_FAILED' });
  };
  await failing('CREATE TABLE "user" (role role)');
  await failing('SELECT public.one()');
  await failing('SELECT one()');
});
