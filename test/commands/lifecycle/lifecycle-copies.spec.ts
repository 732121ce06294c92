// rename-tenant and clone-tenant: what they change, what they print, and nothing at all when a name is taken.
import type { DataSource } from 'typeorm';
import type { Client } from '../../../src/clients/client.entity.js';
import { tenantMigrations } from '../../../src/database/migrations/tenant/index.js';
import { newClient, openSchemas, type Schemas, schemasOf, traces } from '../../schemas/support.js';
import { runHosted } from '../../support/hosted-commands.js';
import type { Outcome } from '../../support/processes.js';
import type { TestDatabase } from 'test-support/test-database.js';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

let database: TestDatabase;
let dataSource: DataSource;
let schemas: Schemas;
let acme: Client;

beforeAll(async () => {
  ({ database, dataSource } = await openSchemas());
  schemas = schemasOf(dataSource, tenantMigrations);
});

beforeEach(async () => {
  acme = Object.assign(newClient('acme', 'Acme'), {
    paidUntil: '2030-05-30',
    onTrial: true,
    access: 'members',
    suspended: true,
  });
  await schemas.provisioner.create(acme);
  await schemas.provisioner.create(newClient('taken', 'Taken'));
  await database.sql(`INSERT INTO acme.polls (question) VALUES ('Where to?')`);
});

afterEach(async () => {
  for await (const client of schemas.registry.all()) await schemas.provisioner.drop(client);
});

afterAll(async () => {
  await dataSource?.destroy();
  await database?.drop();
});

function cli(...args: string[]): Promise<Outcome> {
  return runHosted(args, { DATABASE_URL: database.url });
}

function questionsIn(schema: string): Promise<unknown[]> {
  return database.sql(`SELECT question FROM ${schema}.polls`);
}

const BEFORE = ['row acme', 'row taken', 'schema acme', 'schema taken'];

describe('rename-tenant', () => {
  it.each([
    [['--name', 'Söhne & Co'], 'Söhne & Co', 'acme'],
    [['--schema', 'sons'], 'Acme', 'sons'],
    [['--name', 'ACME', '--schema', 'sons'], 'ACME', 'sons'],
  ])('with %j makes it %j in schema %s, and its data stays', async (flags, name, schema) => {
    expect(await cli('rename-tenant', 'acme', ...flags)).toEqual({
      code: 0,
      out: `The tenant in schema acme is now "${name}" in schema ${schema}.\n`,
      err: '',
    });
    expect(await traces(database)).toEqual(
      BEFORE.map((trace) => trace.replace('acme', schema)).toSorted(),
    );
    expect(await questionsIn(schema)).toEqual([{ question: 'Where to?' }]);
  });

  it('prints the tenant as it is now as JSON, of the same uuid', async () => {
    const flags = ['--name', 'Sons', '--schema', 'sons', '--json'];
    const { code, out, err } = await cli('rename-tenant', 'acme', ...flags);
    expect({ code, err, tenant: JSON.parse(out) as unknown }).toEqual({
      code: 0,
      err: '',
      tenant: {
        tenant_uuid: acme.id,
        tenant_name: 'Sons',
        schema_name: 'sons',
        paid_until: '2030-05-30',
        on_trial: true,
        access: 'members',
        suspended: true,
        created_on: acme.createdOn.toISOString(),
      },
    });
  });
});

it('rename-tenant refuses what would keep the old name, and by --force lists it', async () => {
  await database.sql(
    `CREATE FUNCTION public.totals() RETURNS int LANGUAGE sql SET search_path TO acme AS 'SELECT 1'`,
  );
  try {
    const refused = await cli('rename-tenant', 'acme', '--schema', 'sons');
    expect({
      ...refused,
      isListed: refused.err.includes('function public.totals()'),
    }).toMatchObject({
      code: 1,
      out: '',
      isListed: true,
    });
    expect(await traces(database)).toEqual(BEFORE);
    expect(await cli('rename-tenant', 'acme', '--schema', 'sons', '--force')).toEqual({
      code: 0,
      out: 'The tenant in schema acme is now "Acme" in schema sons.\n',
      err: 'Warning: these objects keep the old schema name: function public.totals().\n',
    });
  } finally {
    await database.sql('DROP FUNCTION public.totals()');
  }
});

describe('clone-tenant', () => {
  it.each([
    ['with its rows', [], '', [{ question: 'Where to?' }]],
    ['without them', ['--no-data'], ', without its data', []],
  ])('makes a tenant %s', async (_what, flags, message, questions) => {
    const names = ['--name', 'Acme 2', '--schema', 'acme_2'];
    const { code, out, err } = await cli('clone-tenant', 'acme', ...names, ...flags);
    const [row] = await database.sql<{ id: string }>(
      `SELECT id FROM public.clients WHERE schema = 'acme_2'`,
    );
    expect({ code, out, err }).toEqual({
      code: 0,
      out: `Cloned acme into tenant "Acme 2" in schema acme_2${message}.\n  tenant_uuid  ${row?.id}\n`,
      err: '',
    });
    expect(row?.id).not.toBe(acme.id);
    expect(await questionsIn('acme_2')).toEqual(questions);
    expect(await questionsIn('acme')).toEqual([{ question: 'Where to?' }]);
  });

  it('keeps the paid-until date of its source, and is not suspended, as JSON shows', async () => {
    const flags = ['--name', 'Copy', '--schema', 'copy', '--json'];
    const { code, out, err } = await cli('clone-tenant', 'acme', ...flags);
    expect({ code, err, tenant: JSON.parse(out) as unknown }).toEqual({
      code: 0,
      err: '',
      tenant: {
        tenant_uuid: expect.stringMatching(UUID),
        tenant_name: 'Copy',
        schema_name: 'copy',
        paid_until: '2030-05-30',
        on_trial: true,
        access: 'members',
        suspended: false,
        created_on: expect.stringMatching(/Z$/),
      },
    });
  });
});

it.each([
  ['rename-tenant', 'name', ['--name', 'TAKEN', '--schema', 'free'], 'tenant name "TAKEN"'],
  ['rename-tenant', 'schema', ['--name', 'Free', '--schema', 'taken'], 'schema "taken"'],
  ['clone-tenant', 'name', ['--name', 'TAKEN', '--schema', 'free'], 'tenant name "TAKEN"'],
  ['clone-tenant', 'schema', ['--name', 'Free', '--schema', 'taken'], 'schema "taken"'],
])('%s changes nothing when the %s is taken', async (command, _what, flags, taken) => {
  expect(await cli(command, 'acme', ...flags, '--json')).toEqual({
    code: 1,
    out: '',
    err: `The ${taken} is taken. Choose another one.\n`,
  });
  expect(await traces(database)).toEqual(BEFORE);
});
