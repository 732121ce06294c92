// The objects of public become the first tenant's, with their rows, and agree with the migrations that create other tenants.
import { randomUUID } from 'node:crypto';
import { ACME, collect, useAdoption } from './adopt-support.js';

const adoption = useAdoption();

it('moves the objects and rows of public to the schema of a tenant', async () => {
  const { adopter, database, describe } = adoption;
  const before = await describe('public');
  const tenant = await adopter.adopt(ACME);
  expect(tenant).toMatchObject({ ...ACME, suspended: false });
  expect(await adoption.registry.findBySchema('acme')).toMatchObject({ id: tenant.id });
  // Objects of extensions, and TypeORM's table, are still in public.
  const names = (lines: readonly string[]): string[] =>
    lines
      .map((line) => line.split(' ').slice(0, 2).join(' '))
      .filter((line) => !/ migrations|PK_8c82d7f/.test(line));
  expect(names(await describe('acme'))).toEqual(
    names(before).filter((line) => !/tenants/.test(line)),
  );
  expect(
    names(await describe('public')).filter((line) => !/tenants|adopted_functions/.test(line)),
  ).toEqual([]);
  expect(
    await database.sql('SELECT email, number, position FROM acme."user" ORDER BY number'),
  ).toEqual([
    { email: 'a@x', number: 1, position: 1 },
    { email: 'b@x', number: 2, position: 2 },
  ]);
  expect(await database.sql('SELECT count(*)::int FROM acme.totals')).toEqual([{ count: 2 }]);
});

it('continues sequences, and keeps functions, triggers and views working', async () => {
  const { adopter, database } = adoption;
  await adopter.adopt(ACME);
  await database.sql(`INSERT INTO acme."user" (email) VALUES ('c@x')`);
  await database.sql(
    `INSERT INTO acme.invoice ("userId", total) SELECT id, 7 FROM acme."user" WHERE email = 'c@x'`,
  );
  const [row] = await database.sql(
    `SELECT (SELECT max(number) FROM acme."user") AS number, (SELECT max(position) FROM acme."user") AS position,
            (SELECT max(id) FROM acme.invoice) AS invoice, (SELECT count(*)::int FROM acme.event_2025) AS events,
            acme.count_users('member')::int AS members, length(acme.token()) AS token,
            (SELECT count(*)::int FROM acme.public_user) AS visible, acme.parsed(102)::int AS parsed`,
  );
  expect(row).toEqual({
    number: 3,
    position: 3,
    invoice: 102,
    events: 3,
    members: 2,
    token: 64,
    visible: 3,
    parsed: 1,
  });
});

it('has the structure of a tenant that the migrations create', async () => {
  const { adopter, provisioner, describe, doctor, migrator, database } = adoption;
  await adopter.adopt(ACME);
  expect(await collect(doctor.examine())).toEqual([]);
  for await (const status of migrator.statusOfAll()) expect(status.pending).toEqual([]);
  const results = await collect(migrator.migrateAll());
  expect(results.map(({ schema, status }) => [schema, status])).toEqual([
    ['public', 'skipped'],
    ['acme', 'skipped'],
  ]);
  await provisioner.create({ id: randomUUID(), name: 'Two', schema: 'two' });
  expect(await describe('acme')).toEqual(await describe('two'));
  expect(await collect(doctor.examine())).toEqual([]);
  const textsOf = (schema: string): Promise<unknown> =>
    database.sql(
      `SELECT proname, replace(prosrc, '${schema}', '-') AS text FROM pg_proc
       WHERE pronamespace = '${schema}'::regnamespace ORDER BY 1`,
    );
  expect(await textsOf('acme')).toEqual(await textsOf('two'));
});

it('leaves the migrations that are not applied yet to migrate-schemas', async () => {
  const { HISTORY, sqlMigration } = await import('./adopt-support.js');
  const { singleTenantMigrations } = await import('../../../src/index.js');
  const next = sqlMigration(9, 'CREATE TABLE "public"."later" (a int)');
  const { adopter, migrator, doctor } = await adoption.services(
    singleTenantMigrations([...HISTORY, next]),
  );
  await adopter.adopt(ACME);
  const results = await collect(migrator.migrateAll({ tenants: true }));
  expect(results).toMatchObject([
    { schema: 'acme', status: 'applied', versions: ['Step1700000009000'] },
  ]);
  expect(await collect(doctor.examine())).toEqual([]);
});

it('plans without a change', async () => {
  const before = await adoption.snapshot();
  const plan = await adoption.adopter.plan('acme');
  expect(plan.obstacles).toEqual([]);
  expect(plan.moves.map(({ type, name }) => `${type} ${name}`)).toEqual(
    expect.arrayContaining([
      'table user',
      'materialized view totals',
      'type email',
      'procedure tidy',
      'sequence invoice_number',
    ]),
  );
  expect(plan.stays).toEqual([
    {
      what: 'table public.migrations',
      why: "it is TypeORM's migrations table, whose rows are copied",
    },
  ]);
  expect(await adoption.snapshot()).toEqual(before);
});

it("takes TypeORM's metadata along", async () => {
  const { adopter, database } = adoption;
  await database.sql(
    `CREATE TABLE public.typeorm_metadata ("type" varchar NOT NULL, "database" varchar, "schema" varchar, "table" varchar, "name" varchar, "value" text);
     INSERT INTO public.typeorm_metadata VALUES ('VIEW', NULL, 'public', NULL, 'public_user', 'SELECT * FROM "public"."user"')`,
  );
  const rows = (schema: string): Promise<unknown[]> =>
    database.sql(`SELECT "schema", "value" FROM ${schema}.typeorm_metadata`);
  const before = await rows('public');
  await adopter.adopt(ACME);
  expect(await rows('acme')).toEqual([{ schema: 'acme', value: 'SELECT * FROM "acme"."user"' }]);
  await adopter.undo('acme');
  expect(await rows('public')).toEqual(before);
});

it('does not adopt a second time', async () => {
  const { adopter } = adoption;
  await adopter.adopt(ACME);
  await expect(adopter.adopt({ name: 'Two', schema: 'two' })).rejects.toMatchObject({
    obstacles: [{ what: 'schema public' }],
  });
});
