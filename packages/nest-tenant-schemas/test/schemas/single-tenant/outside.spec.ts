// A migration of a single-tenant application that leaves an object outside the tenant's schema is rolled back, wherever it runs.
import { randomUUID } from 'node:crypto';
import { singleTenantMigrations } from '../../../src/index.js';
import { migration, useSingleTenant } from './single-tenant-support.js';

/** A name that the engine cannot see in the text. */
const LEAVES = `DO $$ BEGIN EXECUTE 'CREATE TABLE ' || 'pub' || 'lic.outside (id int)'; END $$`;
const OUTSIDE = "It leaves objects outside the tenant's schema: table public.outside.";

const first = migration(1, 'CREATE TABLE "public"."user" (id int)');
const history = singleTenantMigrations([first, migration(2, LEAVES)]);

const single = useSingleTenant();

it('rejects it when a tenant is created', async () => {
  await expect(single.create(history, 'one')).rejects.toThrow(OUTSIDE);
  expect(await single.tables()).toEqual([]);
});

it('rejects it in a run over all tenants, in a clone and in the reference of the doctor', async () => {
  const one = await single.create(singleTenantMigrations([first]), 'one');
  const { migrator, doctor, cloner, registry } = await single.schemasOf(history);
  const results: unknown[] = [];
  for await (const result of migrator.migrateAll({ tenants: true })) results.push(result);
  expect(results).toMatchObject([
    { schema: 'one', status: 'failed', error: { message: expect.stringContaining(OUTSIDE) } },
  ]);
  for await (const { error } of migrator.migrateAll({ tenants: true }, { fake: true })) {
    expect(error).toBeUndefined();
  }
  const clone = { id: randomUUID(), schema: 'clone' };
  await expect(cloner.clone(one, clone)).rejects.toThrow(OUTSIDE);
  // The registry in memory does not roll back.
  registry.tenants.delete(clone.id);
  const findings: unknown[] = [];
  for await (const finding of doctor.examine({ tenants: true })) findings.push(finding);
  expect(findings).toMatchObject([
    { code: 'HISTORY_FAILS', problem: expect.stringContaining(OUTSIDE) },
  ]);
  expect(await single.tables()).toEqual(['one.user']);
});

it('clones and examines a tenant whose migrations stay inside', async () => {
  const good = singleTenantMigrations([
    first,
    migration(2, 'CREATE VIEW "public"."users" AS SELECT id FROM public.user'),
  ]);
  const one = await single.create(good, 'one');
  const { doctor, cloner } = await single.schemasOf(good);
  await cloner.clone(one, { id: randomUUID(), schema: 'clone' });
  const findings: unknown[] = [];
  for await (const finding of doctor.examine({ tenants: true })) findings.push(finding);
  expect(findings).toEqual([]);
  expect(await single.tables()).toEqual(['clone.user', 'one.user']);
});

// The path of the session leads to `public`, whose tables all tenants share.
it.each([
  'RESET search_path',
  'SET search_path TO DEFAULT',
  'SET SESSION search_path = DEFAULT',
  'DO $$ BEGIN RESET search_path; END $$',
])('keeps a migration in its schema after %s', async (reset) => {
  const changing = migration(2, reset, `UPDATE "user" SET id = 7`);
  await single.create(singleTenantMigrations([first, changing]), 'one');
  await single.database.sql('CREATE TABLE public."user" (id int)');
  await single.database.sql('INSERT INTO public."user" VALUES (1)');
  await single.create(singleTenantMigrations([first, changing]), 'two');
  expect(await single.database.sql('SELECT id FROM public."user"')).toEqual([{ id: 1 }]);
});

it.each(['RESET ALL', 'DISCARD ALL'])('rejects %s, and says what to do', async (reset) => {
  const created = single.create(singleTenantMigrations([first, migration(2, reset)]), 'one');
  await expect(created).rejects.toThrow('Reset each setting by its name');
});
