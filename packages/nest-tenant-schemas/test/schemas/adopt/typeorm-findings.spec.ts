// What the doctor says about migrations that TypeORM itself runs in public. test/package/init.spec.ts runs its command line.
import { ACME, collect, useAdoption } from './adopt-support.js';

const adoption = useAdoption();

const RECORD = `INSERT INTO public.migrations ("timestamp", name) VALUES (1700000009000, 'Step1700000009000')`;

const found = async (): Promise<unknown[]> =>
  (await collect(adoption.doctor.examine())).map(({ code, problem, remedy }) =>
    [code, problem, remedy].join(' | '),
  );

it('reports migrations of tenants in a database that was not adopted', async () => {
  await adoption.migrator.migrateShared();
  expect(await found()).toEqual([
    'MIGRATED_BY_TYPEORM | TypeORM ran 3 migrations in public, and not in the tenants: Step1700000001000, Step1700000002000, ' +
      'Step1700000003000. Its table public.migrations records that. | Drop what they created in public, and then: ' +
      'DROP TABLE public."migrations". For the tenants, run: tenant-schemas migrate-schemas. Do not run migrations with TypeORM',
  ]);
});

it('reports migrations after an adoption, also unknown ones, and after its undo', async () => {
  const { adopter, database } = adoption;
  await adopter.adopt(ACME);
  expect(await found()).toEqual([]);
  await database.sql(RECORD);
  expect(await found()).toEqual([
    expect.stringContaining(`DELETE FROM public."migrations" WHERE name IN ('Step1700000009000')`),
  ]);
  await adopter.undo('acme');
  expect(await found()).toEqual([]);
  await database.sql(RECORD.replaceAll('9000', '8000'));
  expect(await found()).toEqual([expect.stringContaining('Step1700000008000')]);
});

it("reports nothing of another application's tables", async () => {
  const { database, migrator } = adoption;
  await migrator.migrateShared();
  await database.sql(`DELETE FROM public.migrations; ${RECORD}`);
  expect(await found()).toEqual([]);
  await database.sql(
    'DROP TABLE public.migrations; CREATE TABLE public.migrations (migration text, batch int)',
  );
  expect(await found()).toEqual([]);
});
