// What docs/adding-tenants.md and docs/coming-from say about shared tables and about TypeORM's table of migrations.
import { type MigrationClass, singleTenantMigrations } from '../../../src/index.js';
import { collect, runMigrations, sqlMigration, useAdoption } from './adopt-support.js';

const COUNTRY = 'CREATE TABLE "public"."country" ("code" text PRIMARY KEY)';
const USER =
  'CREATE TABLE "public"."user" ("id" int PRIMARY KEY, "country" text REFERENCES "public"."country" ("code"))';
const BOTH = sqlMigration(1, COUNTRY, USER);
const OTHER = { id: 'b7c9b0a8-7d3c-4a43-9c1e-6e9a3f6b0c11', name: 'Other', schema: 'other' };

describe('one migration that creates a shared table and a table of tenants', () => {
  const adoption = useAdoption([BOTH]);

  it('can be split, so that the database and new tenants fit the migrations', async () => {
    const tenant = sqlMigration(1, USER.replace('"public"."user"', '"__tenant__"."user"'));
    const shared = sqlMigration(2, COUNTRY.replace('TABLE', 'TABLE IF NOT EXISTS'));
    const adopted = await adoption.services([tenant], [shared as MigrationClass]);
    await adopted.adopter.adopt({ name: 'Acme', schema: 'acme' }, { shared: ['country'] });
    await adopted.provisioner.create(OTHER);
    expect(await adopted.describe('other')).toEqual(await adopted.describe('acme'));
    expect(await collect(adopted.doctor.examine())).toEqual([]);
  });

  it('fails in singleTenantMigrations, which looks for the shared table in the tenant', async () => {
    const adopted = await adoption.services(singleTenantMigrations([sqlMigration(1, USER)]), [
      sqlMigration(2, COUNTRY.replace('TABLE', 'TABLE IF NOT EXISTS')) as MigrationClass,
    ]);
    await adopted.adopter.adopt({ name: 'Acme', schema: 'acme' }, { shared: ['country'] });
    await expect(adopted.provisioner.create(OTHER)).rejects.toThrow('country');
  });
});

describe('schemas that TypeORM has migrated, of tenants that the registry has', () => {
  const adoption = useAdoption([]);

  it('fit their migrations after --fake and the drop of the table of TypeORM', async () => {
    const note = sqlMigration(1, 'CREATE TABLE note (id int PRIMARY KEY)');
    const adopted = await adoption.services(singleTenantMigrations([note]));
    await adopted.migrator.migrateShared();
    await adoption.database.sql(
      `CREATE SCHEMA other;
       INSERT INTO public.tenants (id, name, schema) VALUES ('${OTHER.id}', 'Other', 'other')`,
    );
    await runMigrations(adoption.database.directUrl, [note], 'other');
    await collect(adopted.migrator.migrateAll({ tenants: true }, { fake: true }));
    expect(await collect(adopted.doctor.examine())).toMatchObject([{ code: 'STRUCTURE_DIFFERS' }]);
    await adoption.database.sql('DROP TABLE other.migrations');
    expect(await collect(adopted.doctor.examine())).toEqual([]);
  });
});

describe('tables that TypeORM has synchronized, without migrations', () => {
  const adoption = useAdoption([]);

  it('fit a generated migration that --fake records after the adoption', async () => {
    await adoption.database.sql(
      `${COUNTRY}; CREATE TABLE public.note (country text REFERENCES public.country)`,
    );
    await adoption.migrator.migrateShared();
    const shared = sqlMigration(1, COUNTRY) as MigrationClass;
    const note = 'CREATE TABLE "__tenant__"."note" (country text REFERENCES public.country)';
    const adopted = await adoption.services([sqlMigration(2, note) as MigrationClass], [shared]);
    expect(await adopted.migrator.migrateShared({ fake: true })).not.toHaveProperty('error');
    await adopted.adopter.adopt({ name: 'Acme', schema: 'acme' }, { shared: ['country'] });
    expect(await collect(adopted.doctor.examine())).toMatchObject([{ code: 'SCHEMA_BEHIND' }]);
    await collect(adopted.migrator.migrateAll({ schemas: ['acme'] }, { fake: true }));
    await adopted.provisioner.create(OTHER);
    expect(await adopted.describe('other')).toEqual(await adopted.describe('acme'));
    expect(await collect(adopted.doctor.examine())).toEqual([]);
  });
});
