// Crafted names: a schema name that breaks a rule makes no schema and no tenant, whichever way it comes; a tenant
// name is data, however much it looks like SQL, a path or another tenant's name.
import fc from 'fast-check';
import { ClientsService } from '../../src/clients/clients.service.js';
import {
  createTenantDataSource,
  SchemaNameInvalidError,
  schemaNameProblem,
  tenantContext,
} from 'nest-tenant-schemas';
import { startApplication, type TestApplication } from '../support/application.js';
import { createTestDatabase, type TestDatabase } from 'test-support/test-database.js';

const SCHEMA_NAMES: [string, string][] = [
  ['nothing', ''],
  ['a space', ' '],
  ['a digit first', '1a'],
  ['upper case', 'Tenant'],
  ['a hyphen', 'a-b'],
  ['a dot', 'a.b'],
  ['another tenant’s table', 'victim.polls'],
  ['a quote', 'a"b'],
  ['a closing quote and SQL', 'a"; DROP SCHEMA victim CASCADE; --'],
  ['an apostrophe', "a'b"],
  ['a dollar quote', 'a$$b'],
  ['a backslash', 'a\\b'],
  ['NUL', 'a\0b'],
  ['a line break at the end', 'a\n'],
  ['a comment', 'a--b'],
  ['a path', '../victim'],
  ['a percent sign', 'a%b'],
  ['a letter with an accent', 'é'],
  ['a Cyrillic letter that looks like a', '\u0430bc'],
  ['a fullwidth letter', '\uff41'],
  ['a zero-width space', 'a\u200bb'],
  ['a right-to-left override', 'a\u202eb'],
  ['64 bytes', 'a'.repeat(64)],
  ['32 two-byte characters', 'é'.repeat(32)],
  ['a schema of the server', 'pg_catalog'],
  ['a prefix of the server', 'pg_anything'],
  ['public', 'public'],
  ['the information schema', 'information_schema'],
  ['the schema of extensions', 'extensions'],
  ['the placeholder', '__tenant__'],
  ['the placeholder within', 'a__tenant__b'],
  ['a reserved word', 'select'],
  ['a reserved word that can be a function', 'left'],
  ['the name of the current user', 'current_user'],
];

let database: TestDatabase;
let application: TestApplication;
let clients: ClientsService;

beforeAll(async () => {
  database = await createTestDatabase();
  application = await startApplication(database.url);
  clients = application.app.get(ClientsService);
  await clients.create({ tenant_name: 'Victim', schema_name: 'victim' });
});

afterAll(async () => {
  await application.close();
  await database.drop();
});

const schemas = (): Promise<unknown[]> =>
  database.sql(`SELECT nspname FROM pg_catalog.pg_namespace ORDER BY nspname`);

describe.each(SCHEMA_NAMES)('a schema name of %s', (_, schema) => {
  it('makes no tenant, and cannot become current', async () => {
    const before = await schemas();
    const creating = clients.create({ tenant_name: 'Crafted', schema_name: schema });
    await expect(creating).rejects.toBeInstanceOf(SchemaNameInvalidError);
    const entering = (): void => tenantContext.run({ id: 'x', schema }, () => undefined);
    expect(entering).toThrow(SchemaNameInvalidError);
    expect(await schemas()).toEqual(before);
    expect(await clients.findByName('Crafted')).toBeUndefined();
  });
});

it('takes a name of 63 bytes, and writes it whole', async () => {
  const schema = 'a'.repeat(63);
  const { schema: made } = await clients.create({ tenant_name: 'Long', schema_name: schema });
  expect(made).toBe(schema);
  expect(await schemas()).toContainEqual({ nspname: schema });
});

it('lets through no text that PostgreSQL would read as anything but that one name', async () => {
  const dataSource = createTenantDataSource({ url: database.directUrl });
  await dataSource.initialize();
  try {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 70 }), async (name) => {
        if (schemaNameProblem(name) !== undefined) return;
        const [row] = await dataSource.query<{ quoted: string; bare: string[] }[]>(
          'SELECT quote_ident($1) AS quoted, parse_ident($1) AS bare',
          [name],
        );
        expect(row).toEqual({ quoted: name, bare: [name] });
      }),
      {
        numRuns: 200,
        examples: [...SCHEMA_NAMES, ['', '_'], ['', 'name']].map(([, name]) => [name]),
      },
    );
  } finally {
    await dataSource.destroy();
  }
});

it.each([
  ["Robert'); DROP TABLE public.clients; --"],
  ['" OR ""="'],
  ['$$; SELECT 1; $$'],
  ['%'],
  ['V_ctim'],
  ['victim.polls'],
  ['../victim'],
  ['__tenant__'],
  ['<script>alert(1)</script>'],
  ['V\u0456ctim'],
])('looks up and stores the tenant name %s as data', async (name) => {
  const lookUp = (): Promise<{ status: number; body: Record<string, unknown> }> =>
    application.send('POST', '/client', { body: { tenant_name: name } });
  expect(await lookUp()).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } });
  const client = await clients.create({
    tenant_name: name,
    schema_name: `t_${crypto.randomUUID().slice(0, 8)}`,
  });
  expect(await lookUp()).toEqual({
    status: 200,
    body: { tenant_uuid: client.id, tenant_name: name },
  });
  expect(
    await database.sql(`SELECT count(*)::int AS n FROM public.clients WHERE name = 'Victim'`),
  ).toEqual([{ n: 1 }]);
});

it.each([
  ['NUL', 'a\0b'],
  ['101 characters', 'a'.repeat(101)],
  ['an object', { $ne: null }],
  ['a list', ['Victim']],
  ['a number', 1],
  ['true', true],
  ['null', null],
])('refuses %s for a tenant name with 400', async (_, name) => {
  const { status, body } = await application.send('POST', '/client', {
    body: { tenant_name: name },
  });
  expect([status, body['code']]).toEqual([400, 'VALIDATION_FAILED']);
});
