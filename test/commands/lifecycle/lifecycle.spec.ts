// suspend-tenant and resume-tenant, and what all commands about one tenant have in common: a schema that no
// tenant has, help and wrong usage without a database.
import type { DataSource } from 'typeorm';
import { tenantMigrations } from '../../../src/database/migrations/tenant/index.js';
import { newClient, openSchemas, schemasOf } from '../../schemas/support.js';
import { runHosted } from '../../support/hosted-commands.js';
import type { Outcome } from '../../support/processes.js';
import type { TestDatabase } from 'test-support/test-database.js';

/** An address without a server. A command that opens the database fails there. */
const NO_DATABASE = { DATABASE_URL: 'postgres://unknown@127.0.0.1:1/none' };

const acme = newClient('acme', 'Acme GmbH');
const NAMES = ['--name', 'Other', '--schema', 'other'];

let database: TestDatabase;
let dataSource: DataSource;

beforeAll(async () => {
  ({ database, dataSource } = await openSchemas());
  await schemasOf(dataSource, tenantMigrations).provisioner.create(acme);
});

afterAll(async () => {
  await dataSource?.destroy();
  await database?.drop();
});

function cli(...args: string[]): Promise<Outcome> {
  return runHosted(args, { DATABASE_URL: database.url });
}

async function isSuspended(): Promise<boolean | undefined> {
  const [row] = await database.sql<{ suspended: boolean }>('SELECT suspended FROM public.clients');
  return row?.suspended;
}

it('suspends a tenant and resumes it, and says when there is nothing to do', async () => {
  const tenant = 'tenant "Acme GmbH" in schema acme';
  for (const [command, message, suspended] of [
    ['suspend-tenant', `Suspended ${tenant}.`, true],
    ['suspend-tenant', `Nothing to do: ${tenant} is already suspended.`, true],
    ['resume-tenant', `Resumed ${tenant}.`, false],
    ['resume-tenant', `Nothing to do: ${tenant} is not suspended.`, false],
  ] as const) {
    expect(await cli(command, 'acme')).toEqual({ code: 0, out: `${message}\n`, err: '' });
    expect(await isSuspended()).toBe(suspended);
  }
});

it.each([
  ['suspend-tenant', true],
  ['resume-tenant', false],
])('%s prints the tenant as JSON, whether or not it changed', async (command, suspended) => {
  for (const _time of ['first', 'second']) {
    const { code, out, err } = await cli(command, 'acme', '--json');
    expect({ code, err, tenant: JSON.parse(out) as unknown }).toEqual({
      code: 0,
      err: '',
      tenant: {
        tenant_uuid: acme.id,
        tenant_name: 'Acme GmbH',
        schema_name: 'acme',
        paid_until: null,
        on_trial: false,
        access: 'open',
        suspended,
        created_on: acme.createdOn.toISOString(),
      },
    });
  }
});

it.each([
  ['suspend-tenant', []],
  ['resume-tenant', []],
  ['delete-tenant', ['--force']],
  ['rename-tenant', NAMES],
  ['clone-tenant', NAMES],
  ['polls-report', []],
])('%s takes a schema that no tenant has for wrong usage', async (command, flags) => {
  expect(await cli(command, 'nobodys', ...flags, '--json')).toEqual({
    code: 2,
    out: '',
    err: 'No tenant has the schema nobodys.\n',
  });
});

it.each([
  [['suspend-tenant'], "error: missing required argument 'schema'"],
  [
    ['resume-tenant', 'acme', 'other'],
    "error: too many arguments for 'resume-tenant'. Expected 1 argument but got 2.",
  ],
  [['rename-tenant', 'acme'], 'Give a new name: --name <name>, --schema <schema>, or both.'],
  [
    ['rename-tenant', 'acme', '--schema', 'public'],
    '--schema must not be public, which is reserved',
  ],
  [['rename-tenant', 'acme', '--name', ''], '--name must not be blank'],
  [
    ['clone-tenant', 'acme', '--schema', 'other'],
    "error: required option '--name <name>' not specified",
  ],
  [
    ['clone-tenant', 'acme', '--name', 'Other', '--schema', 'select'],
    '--schema must not be select, a reserved word of SQL',
  ],
])('reports wrong usage for %j without a database', async (args, message) => {
  expect(await runHosted(args, NO_DATABASE)).toEqual({ code: 2, out: '', err: `${message}\n` });
});

it.each([
  'suspend-tenant',
  'resume-tenant',
  'rename-tenant',
  'clone-tenant',
  'delete-tenant',
  'polls-report',
])('%s prints its help, without a database', async (command) => {
  const { code, out, err } = await runHosted([command, '--help'], NO_DATABASE);
  expect({ code, err, usage: out.split('\n')[0] }).toEqual({
    code: 0,
    err: '',
    usage: `Usage: tenant-schemas ${command} [options] <schema>`,
  });
});
