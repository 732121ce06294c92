// What cannot be adopted is named, all of it, and nothing changes then.
import {
  type AdoptionRefusedError,
  singleTenantMigrations,
  TENANT_SCHEMA,
  type TenantMigration,
} from '../../../src/index.js';
import type { QueryRunner } from 'typeorm';
import { once, withDatabase } from 'test-support/test-database.js';
import { testServer } from 'test-support/test-server.js';
import { ACME, collect, HISTORY, sqlMigration, useAdoption } from './adopt-support.js';

const adoption = useAdoption();

async function obstaclesOf(shared: readonly string[] = []): Promise<string[]> {
  const { adopter } = adoption;
  const before = await adoption.snapshot();
  const refused = await adopter.adopt(ACME, { shared }).then(
    () => undefined,
    (error: AdoptionRefusedError) => error,
  );
  expect(refused).toMatchObject({ code: 'ADOPTION_REFUSED' });
  expect(await adoption.snapshot()).toEqual(before);
  const plan = await adopter.plan('acme', { shared });
  expect(plan.obstacles).toEqual(refused?.obstacles);
  return refused?.obstacles.map(({ what, why }) => `${what}: ${why}`) ?? [];
}

function runAsSuperuser(sql: string): Promise<void> {
  return once(withDatabase(testServer().superuserUrl, adoption.database.name), sql);
}

it.each<[string, string, string, string?]>([
  [
    'a view of another schema',
    `CREATE SCHEMA reports; CREATE VIEW reports.users AS SELECT id FROM public."user"`,
    'view reports.users: it needs table public."user"',
  ],
  [
    'a foreign key of another schema',
    `CREATE SCHEMA audit; CREATE TABLE audit.log ("userId" uuid CONSTRAINT k REFERENCES public."user" (id))`,
    'constraint k on table audit.log: it needs table public."user"',
  ],
  [
    'a column of another schema with a type',
    `CREATE SCHEMA audit; CREATE TABLE audit.log (role public.user_role_enum)`,
    'table audit.log: it needs type public.user_role_enum',
  ],
  [
    'dynamic SQL that the engine cannot change',
    `CREATE FUNCTION public.dynamic() RETURNS void LANGUAGE plpgsql AS $$
     DECLARE q text := 'DELETE FROM public."user"'; BEGIN EXECUTE q; END $$`,
    'function public.dynamic(): its text names a moved object',
  ],
  [
    'a string of a default',
    `ALTER TABLE public.invoice ADD n bigint DEFAULT nextval(('public.invoice_number'::text)::regclass)`,
    'column invoice.n: a string in it names an object as public.…',
  ],
  [
    'a publication of a table',
    `CREATE PUBLICATION p FOR TABLE public.invoice`,
    'publication p: it publishes moved tables',
  ],
  [
    'a publication of a schema',
    '',
    'publication p: it publishes moved tables',
    'CREATE PUBLICATION p FOR TABLES IN SCHEMA public',
  ],
  [
    'a publication of all tables',
    '',
    'publication p: it publishes moved tables',
    'CREATE PUBLICATION p FOR ALL TABLES',
  ],
  [
    'a range type',
    `CREATE TYPE public.span AS RANGE (subtype = float8)`,
    'type public.span: PostgreSQL does not move the functions of a range type',
  ],
  [
    'a table with the name of the table of tenants',
    `CREATE TABLE public.tenants (id int)`,
    'table public.tenants: the engine keeps its tenants in a table of this name',
  ],
  [
    'an unknown migration',
    `INSERT INTO public.migrations ("timestamp", name) VALUES (1, 'Unknown1600000000000')`,
    'migration Unknown1600000000000: neither tenantMigrations nor sharedMigrations has it',
  ],
  [
    'an event trigger',
    `CREATE FUNCTION public.on_ddl() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END'`,
    'event trigger watch: it needs function public.on_ddl()',
    'CREATE EVENT TRIGGER watch ON ddl_command_end EXECUTE FUNCTION public.on_ddl()',
  ],
])('refuses %s', async (_what, sql, obstacle, asSuperuser = '') => {
  await adoption.database.sql(sql);
  await runAsSuperuser(asSuperuser);
  expect(await obstaclesOf()).toEqual([expect.stringContaining(obstacle)]);
});

it('names every obstacle', async () => {
  await adoption.database.sql(
    `CREATE SCHEMA reports; CREATE VIEW reports.users AS SELECT id FROM public."user";
     CREATE PUBLICATION p FOR TABLE public.invoice`,
  );
  expect(await obstaclesOf()).toHaveLength(2);
});

it('refuses a shared table that needs a table of tenants', async () => {
  await adoption.database.sql(
    `CREATE TABLE public.countries (id int PRIMARY KEY, by uuid CONSTRAINT k REFERENCES public."user" (id))`,
  );
  expect(await obstaclesOf(['countries'])).toEqual([
    expect.stringContaining(
      'table public.countries: it stays in the schema public and needs table public."user"',
    ),
  ]);
});

it('refuses a shared table that does not exist', async () => {
  expect(await obstaclesOf(['nothing'])).toEqual([
    'nothing: the schema public has no object of this name to share',
  ]);
});

it('refuses a schema that exists', async () => {
  await adoption.database.sql('CREATE SCHEMA acme');
  const before = await adoption.snapshot();
  await expect(adoption.adopter.adopt(ACME)).rejects.toMatchObject({ code: 'TENANT_CONFLICT' });
  expect(await adoption.snapshot()).toEqual(before);
});

it('refuses objects of a role that the login is not a member of', async () => {
  const { database } = adoption;
  const role = `owner_of_${database.name}`;
  const [owner] = await database.sql<{ name: string }>('SELECT quote_ident(current_user) AS name');
  const login = `login_of_${database.name}`;
  await runAsSuperuser(
    `CREATE ROLE ${role}; CREATE ROLE ${login} LOGIN PASSWORD 'p'; ALTER TABLE public.event OWNER TO ${role};
     GRANT SELECT ON public.migrations TO ${login}`,
  );
  try {
    const { createTenantDataSource, planAdoption } = await import('../../../src/index.js');
    const url = new URL(database.directUrl);
    Object.assign(url, { username: login, password: 'p' });
    const dataSource = await createTenantDataSource({ url: url.toString() }).initialize();
    const plan = await planAdoption(dataSource, 'acme').finally(() => dataSource.destroy());
    expect(plan.obstacles).toContainEqual({
      what: 'table public.event',
      why: expect.stringContaining(`GRANT "${role}" TO "${login}"`),
    });
  } finally {
    await runAsSuperuser(
      `ALTER TABLE public.event OWNER TO ${owner?.name}; DROP OWNED BY ${login}; DROP ROLE ${role}; DROP ROLE ${login}`,
    );
  }
});

describe('shared tables', () => {
  const COUNTRIES = sqlMigration(
    4,
    `CREATE TYPE public.continent AS ENUM ('africa', 'europe')`,
    'CREATE TABLE public.countries (id int PRIMARY KEY GENERATED ALWAYS AS IDENTITY, continent public.continent)',
    `CREATE FUNCTION public.on_country() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'`,
    `CREATE TRIGGER t BEFORE INSERT ON public.countries FOR EACH ROW EXECUTE FUNCTION public.on_country()`,
  );
  const REFERENCE = [
    'ALTER TABLE -.invoice ADD "countryId" int CONSTRAINT "FK_country" REFERENCES public.countries (id)',
    'CREATE FUNCTION -.count_countries() RETURNS bigint LANGUAGE sql AS $$ SELECT count(*) FROM public.countries $$',
  ];
  const references = (schema: string): string[] =>
    REFERENCE.map((text) => text.replace('-', `"${schema}"`));

  /** The form that the application gives its migration, so that it works in each tenant. */
  class Step1700000005000 implements TenantMigration {
    async up(queryRunner: QueryRunner): Promise<void> {
      for (const statement of references(TENANT_SCHEMA)) await queryRunner.query(statement);
    }

    async down(): Promise<void> {}
  }

  it('stay in public with what they need, and are referenced from the tenant', async () => {
    const { runMigrations } = await import('./adopt-support.js');
    const history = [...HISTORY, COUNTRIES, sqlMigration(5, ...references('public'))];
    await runMigrations(adoption.database.directUrl, history);
    await adoption.database.sql(`INSERT INTO public.countries (continent) VALUES ('europe')`);
    const { adopter, database, describe, doctor, provisioner, migrator } = await adoption.services(
      [singleTenantMigrations([...HISTORY]), Step1700000005000],
      [COUNTRIES],
    );
    const plan = await adopter.plan('acme', { shared: ['countries'] });
    expect(plan.stays.map(({ what }) => what).toSorted()).toEqual([
      'function public.on_country()',
      'table public.countries',
      'table public.migrations',
      'type public.continent',
    ]);
    const before = await describe('public');
    await adopter.adopt(ACME, { shared: ['countries'] });
    expect(await migrator.sharedStatus()).toMatchObject({ pending: [] });
    expect(await database.sql('SELECT acme.count_countries()::int AS n')).toEqual([{ n: 1 }]);
    expect(await collect(doctor.examine())).toEqual([]);
    await provisioner.create({
      id: '3b241101-e2bb-4255-8caf-4136c566a962',
      name: 'Two',
      schema: 'two',
    });
    expect(await describe('two')).toEqual(await describe('acme'));
    await adopter.undo('acme');
    expect((await describe('public')).filter((line) => !/\btenants/.test(line))).toEqual(before);
  });

  it('keep functions that name a table of tenants from staying', async () => {
    await adoption.database.sql(
      `CREATE TABLE public.countries (id int);
       CREATE FUNCTION public.f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN DELETE FROM public.event; RETURN NULL; END $$;
       CREATE TRIGGER t AFTER INSERT ON public.countries FOR EACH ROW EXECUTE FUNCTION public.f()`,
    );
    expect(await obstaclesOf(['countries'])).toEqual([
      expect.stringContaining('function public.f(): its text names a moved object'),
    ]);
  });
});

it('warns of functions that name a moved table without its schema', async () => {
  await adoption.database.sql(`
    SET search_path TO public;
    CREATE FUNCTION public.touch() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE row invoice%ROWTYPE; BEGIN UPDATE "user" SET visibility = 'x'; RETURN NEW; END $$;
    CREATE FUNCTION public.pathed() RETURNS void LANGUAGE sql SET search_path TO public AS $$ DELETE FROM "user" $$;
    CREATE FUNCTION public.qualified() RETURNS void LANGUAGE sql AS $$ DELETE FROM public."user" $$;
    CREATE FUNCTION public.values(invoice int) RETURNS int LANGUAGE plpgsql AS $$ BEGIN RETURN invoice; END $$`);
  const { obstacles, warnings } = await adoption.adopter.plan('acme');
  expect(obstacles).toEqual([]);
  expect(warnings).toEqual([
    {
      what: 'function public.touch()',
      why: expect.stringContaining('its text names invoice, user without a schema'),
    },
  ]);
});
