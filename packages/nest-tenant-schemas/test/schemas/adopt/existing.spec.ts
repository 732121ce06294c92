// A schema that exists already, made by another tool or by TypeORM with a search path, becomes a tenant's as it is.
import { type AdoptionRefusedError, singleTenantMigrations } from '../../../src/index.js';
import { DROP_MARKER } from '../../../src/schemas/lifecycle/drop-steps.js';
import {
  type Adopted,
  collect,
  runMigrations,
  sqlMigration,
  useAdoption,
} from './adopt-support.js';

const GLOBEX = { name: 'Globex', schema: 'globex' };
const FIRST = sqlMigration(
  1,
  `CREATE TYPE kind AS ENUM ('a', 'b')`,
  `CREATE TABLE note (id SERIAL PRIMARY KEY, kind kind NOT NULL DEFAULT 'a', text varchar(9) CHECK (text IN ('x', 'y')))`,
);
const SECOND = sqlMigration(2, 'CREATE TABLE tag (id int PRIMARY KEY, note int REFERENCES note)');
const NAMES = [FIRST, SECOND].map((Migration) => new Migration().name as string);

const adoption = useAdoption([]);
let adopted: Adopted;

beforeEach(async () => {
  adopted = await adoption.services(singleTenantMigrations([FIRST, SECOND]));
  await adopted.migrator.migrateShared();
});

/** Creates the schema as another tool does: without a migrations table. */
async function createSchema(...statements: string[]): Promise<void> {
  await adoption.database.sql(
    `CREATE SCHEMA globex; SET search_path TO globex; ${statements.join(';')}; RESET search_path`,
  );
}

const NOTES = [
  `CREATE TYPE kind AS ENUM ('a', 'b')`,
  `CREATE TABLE note (id SERIAL PRIMARY KEY, kind kind NOT NULL DEFAULT 'a', text varchar(9) CHECK (text IN ('x', 'y')))`,
  `INSERT INTO note (text) VALUES ('x')`,
];
const TABLES = [
  ...NOTES,
  'CREATE TABLE tag (id int PRIMARY KEY, note int REFERENCES note)',
  'INSERT INTO tag VALUES (1, 1)',
];

async function refusalOf(applied?: string): Promise<string[]> {
  const before = await state();
  const refused = await adopted.adopter.adoptSchema(GLOBEX, { applied }).then(
    () => undefined,
    (error: AdoptionRefusedError) => error,
  );
  expect(refused).toMatchObject({ code: 'ADOPTION_REFUSED', schema: 'globex' });
  expect(await state()).toEqual(before);
  return refused?.obstacles.map(({ what, why }) => `${what}: ${why}`) ?? [];
}

async function state(): Promise<unknown> {
  return [await adopted.describe('globex'), await collect(adopted.registry.all())];
}

async function expectServed(): Promise<void> {
  expect(await collect(adopted.doctor.examine())).toEqual([]);
  const created = { id: 'b7c9b0a8-7d3c-4a43-9c1e-6e9a3f6b0c11', name: 'Other', schema: 'other' };
  await adopted.provisioner.create(created);
  expect(await adopted.describe('globex')).toEqual(await adopted.describe('other'));
  expect(await adoption.database.sql('SELECT text FROM globex.note')).toEqual([{ text: 'x' }]);
}

it('adopts a schema whose migrations the operator names', async () => {
  await createSchema(...TABLES);
  const tenant = await adopted.adopter.adoptSchema(GLOBEX, { applied: 'all' });
  expect(tenant).toMatchObject({ ...GLOBEX, id: expect.any(String) });
  await expectServed();
});

it('adopts a schema at an older migration, and migrates it afterwards', async () => {
  await createSchema(...NOTES);
  await adopted.adopter.adoptSchema(GLOBEX, { applied: NAMES[0] });
  const results = await collect(adopted.migrator.migrateAll());
  expect(results).toContainEqual(
    expect.objectContaining({ schema: 'globex', versions: [NAMES[1]] }),
  );
  await expectServed();
});

it('reads the migrations table that TypeORM has in the schema, and drops it', async () => {
  await adoption.database.sql('CREATE SCHEMA globex');
  await runMigrations(adoption.database.directUrl, [FIRST, SECOND], 'globex');
  await adoption.database.sql(`INSERT INTO globex.note (text) VALUES ('x')`);
  expect(await refusalOf('all')).toEqual([
    'table migrations: it records the migrations of the schema. Leave out --applied',
  ]);
  await adopted.adopter.adoptSchema(GLOBEX);
  await expectServed();
});

it('reads the table of a tenant whose row is gone', async () => {
  await createSchema(...TABLES);
  const { id } = await adopted.adopter.adoptSchema(GLOBEX, { applied: 'all' });
  await adoption.database.sql(`DELETE FROM public.tenants`);
  expect((await adopted.adopter.adoptSchema(GLOBEX)).id).not.toBe(id);
  await expectServed();
});

it('needs the migrations of a schema without a table of them', async () => {
  expect(await refusalOf()).toEqual([
    'the schema: it does not exist. To create a tenant, run: tenant-schemas create-tenant',
  ]);
  await createSchema(...TABLES);
  expect(await refusalOf()).toEqual([
    `its migrations: no table of the schema records them. Name the newest migration that the schema already contains, or all, or none: --applied ${NAMES[1]}`,
  ]);
  expect(await refusalOf('Unknown1')).toEqual([
    `migration Unknown1: tenantMigrations does not have it. It has: ${NAMES.join(', ')}`,
  ]);
});

it('rejects a schema that is being created or dropped', async () => {
  await createSchema(...TABLES, `COMMENT ON SCHEMA globex IS '${DROP_MARKER}'`);
  expect(await refusalOf('all')).toEqual([
    'the schema: its creation or its drop has not finished. Run: tenant-schemas doctor',
  ]);
});

it('names what differs from the migrations, and changes nothing', async () => {
  await createSchema(...TABLES, 'CREATE TABLE django_migrations (id int)', 'DROP TABLE tag');
  const found = await refusalOf('all');
  expect(found).toContainEqual(
    expect.stringMatching(/^table django_migrations.*: no migration of the tenants creates it\. /),
  );
  expect(found).toContainEqual(
    expect.stringMatching(/^table tag.*: its migrations create it, and the schema lacks it$/),
  );
  expect(await refusalOf('none')).not.toEqual([]);
});

it('names migrations of TypeORM that the history lacks', async () => {
  await adoption.database.sql('CREATE SCHEMA globex');
  const other = sqlMigration(3, 'CREATE TABLE other (id int)');
  await runMigrations(adoption.database.directUrl, [FIRST, other], 'globex');
  expect(await refusalOf()).toEqual([
    `migration ${new other().name}: tenantMigrations does not have it. Add it`,
  ]);
});

it('rejects a schema that has a tenant, and names that are taken', async () => {
  await createSchema(...TABLES);
  await adopted.adopter.adoptSchema(GLOBEX, { applied: 'all' });
  await expect(adopted.adopter.adoptSchema(GLOBEX)).rejects.toMatchObject({
    code: 'TENANT_CONFLICT',
  });
  await adoption.database.sql('CREATE SCHEMA empty');
  const taken = adopted.adopter.adoptSchema({ ...GLOBEX, schema: 'empty' }, { applied: 'none' });
  await expect(taken).rejects.toMatchObject({ code: 'TENANT_CONFLICT' });
  await adopted.adopter.adoptSchema({ name: 'Empty', schema: 'empty' }, { applied: 'none' });
  await collect(adopted.migrator.migrateAll());
  expect(await collect(adopted.doctor.examine())).toEqual([]);
});

it('adopts a schema that was restored from a dump', async () => {
  await createSchema(...TABLES);
  // pg_dump writes the check like this, and the server then keeps another form.
  await adoption.database.sql(`ALTER TABLE globex.note DROP CONSTRAINT note_text_check,
    ADD CONSTRAINT note_text_check CHECK (((text)::text = ANY (ARRAY[('x'::character varying)::text, ('y'::character varying)::text])))`);
  await adopted.adopter.adoptSchema(GLOBEX, { applied: 'all' });
  expect(await collect(adopted.doctor.examine())).toEqual([]);
});
