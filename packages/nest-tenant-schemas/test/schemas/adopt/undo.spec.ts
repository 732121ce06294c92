// The way back: the objects of a tenant return to public, as they were before the adoption.
import { randomUUID } from 'node:crypto';
import {
  AdoptionRefusedError,
  singleTenantMigrations,
  TenantNotFoundError,
} from '../../../src/index.js';
import {
  ACME,
  collect,
  HISTORY,
  runMigrations,
  sqlMigration,
  useAdoption,
} from './adopt-support.js';

const adoption = useAdoption();

/** The engine's own objects stay in public, for other tenants. */
const withoutEngine = (lines: readonly string[]): string[] =>
  lines.filter((line) => !/\btenants(?:_|\b)/.test(line));

interface Snapshot {
  public: string[];
  texts: { proname: string }[];
}

async function snapshot(): Promise<unknown> {
  const taken = (await adoption.snapshot()) as Snapshot;
  return {
    ...taken,
    public: withoutEngine(taken.public),
    texts: taken.texts.filter(({ proname }) => proname !== 'tenants_notify'),
  };
}

it('restores the structure, the texts of functions and the rows exactly', async () => {
  const { adopter, database } = adoption;
  const before = await snapshot();
  const [rows] = await database.sql('SELECT json_agg(u) AS users FROM public."user" AS u');
  await adopter.adopt(ACME);
  expect(await snapshot()).not.toEqual(before);
  expect(await adopter.undo('acme')).toMatchObject(ACME);
  expect(await snapshot()).toEqual(before);
  expect(await database.sql('SELECT json_agg(u) AS users FROM public."user" AS u')).toEqual([rows]);
  expect(await adoption.registry.findBySchema('acme')).toBeUndefined();
  expect(
    await database.sql(`SELECT to_regclass('public.tenant_schemas_adopted_functions') AS t`),
  ).toEqual([{ t: null }]);
  // Once more, in both directions.
  await adopter.adopt(ACME);
  await adopter.undo('acme');
  expect(await snapshot()).toEqual(before);
});

it('leaves a database that the single-tenant application migrates further', async () => {
  const { adopter, database } = adoption;
  await adopter.adopt(ACME);
  await adopter.undo('acme');
  const next = sqlMigration(9, 'CREATE TABLE "public"."later" (a int)');
  await runMigrations(database.directUrl, [...HISTORY, next]);
  await database.sql(`INSERT INTO public."user" (email) VALUES ('c@x')`);
  expect(await database.sql(`SELECT number FROM public."user" WHERE email = 'c@x'`)).toEqual([
    { number: 3 },
  ]);
});

it('records migrations since the adoption in the table of TypeORM', async () => {
  const next = sqlMigration(9, 'CREATE TABLE "public"."later" (a int)');
  const { adopter, database, migrator } = await adoption.services(
    singleTenantMigrations([...HISTORY, next]),
  );
  await adopter.adopt(ACME);
  await collect(migrator.migrateAll());
  await adopter.undo('acme');
  expect(
    await database.sql('SELECT "timestamp", name FROM public.migrations ORDER BY id'),
  ).toMatchObject([
    { name: 'Step1700000001000' },
    { name: 'Step1700000002000' },
    { name: 'Step1700000003000' },
    { timestamp: '1700000009000', name: 'Step1700000009000' },
  ]);
  // It finds nothing to do, and no table twice.
  await runMigrations(database.directUrl, [...HISTORY, next]);
});

it('leaves other tenants alone', async () => {
  const { adopter, provisioner, doctor, describe } = adoption;
  await adopter.adopt(ACME);
  await provisioner.create({ id: randomUUID(), name: 'Two', schema: 'two' });
  const two = await describe('two');
  await adopter.undo('acme');
  expect(await describe('two')).toEqual(two);
  expect(await collect(doctor.examine())).toEqual([]);
});

it('names what public has again, and changes nothing', async () => {
  const { adopter, database } = adoption;
  await adopter.adopt(ACME);
  await database.sql(`CREATE TABLE public."user" (id int); CREATE TYPE public.address AS (a int);
                      CREATE FUNCTION public.parsed(int) RETURNS int LANGUAGE sql AS 'SELECT 1'`);
  const before = await adoption.snapshot();
  const refused = await adopter
    .undo('acme')
    .catch((error: unknown) => error as AdoptionRefusedError);
  expect(refused).toBeInstanceOf(AdoptionRefusedError);
  expect((refused as AdoptionRefusedError).obstacles.map(({ what }) => what)).toEqual([
    'function parsed',
    'relation address',
    'relation user',
  ]);
  expect(await adoption.snapshot()).toEqual(before);
});

it('names a function whose present text may mean the schema', async () => {
  const { adopter, database } = adoption;
  await adopter.adopt(ACME);
  await database.sql(
    `CREATE FUNCTION acme.unclear() RETURNS text LANGUAGE sql AS $$ SELECT 'acme' $$;
     CREATE FUNCTION acme.clear() RETURNS bigint LANGUAGE sql AS $$ SELECT count(*) FROM acme."user" $$`,
  );
  await expect(adopter.undo('acme')).rejects.toMatchObject({
    obstacles: [{ what: 'function acme.unclear()' }],
  });
  await database.sql('DROP FUNCTION acme.unclear()');
  await adopter.undo('acme');
  expect(await database.sql('SELECT public.clear()::int AS n')).toEqual([{ n: 2 }]);
});

it('knows no tenant of another schema', async () => {
  await adoption.adopter.adopt(ACME);
  await expect(adoption.adopter.undo('other')).rejects.toThrow(TenantNotFoundError);
});
