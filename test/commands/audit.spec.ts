// Every command that changes a tenant leaves an entry in the audit log, put down to the user of the operating
// system and the command; one that fails leaves none.
import { userInfo } from 'node:os';
import { type AuditRow, readAudit } from '../clients/support.js';
import { runHosted } from '../support/hosted-commands.js';
import type { Outcome } from '../support/processes.js';
import { createTestDatabase, type TestDatabase } from 'test-support/test-database.js';

// Processes share the machine with whatever else runs.
jest.setTimeout(180_000);

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
}, 120_000);

afterAll(() => database.drop());

function cli(...args: string[]): Promise<Outcome> {
  return runHosted(args, { DATABASE_URL: database.url });
}

/** What the commands change of a tenant; all of a user. */
function summaryOf(state: AuditRow['after']): unknown {
  if (state?.tenant_name === undefined) return state;
  return [state.tenant_name, state.schema_name, state.suspended];
}

it('names the command and what it changed', async () => {
  for (const [code, ...args] of [
    [0, 'create-tenant', '--name', 'Acme', '--schema', 'acme'],
    [1, 'create-tenant', '--name', 'ACME', '--schema', 'other'],
    [0, 'suspend-tenant', 'acme'],
    [0, 'resume-tenant', 'acme'],
    [0, 'create-user', 'acme', '--username', 'ada', '--admin'],
    [0, 'rename-tenant', 'acme', '--name', 'Acme 2', '--schema', 'acme_2'],
    [0, 'clone-tenant', 'acme_2', '--name', 'Copy', '--schema', 'copy'],
    [0, 'delete-tenant', 'copy', '--force'],
  ] as const) {
    expect([args, (await cli(...args)).code]).toEqual([args, code]);
  }
  const rows = await readAudit(database);
  expect(new Set(rows.map(({ actor }) => actor))).toEqual(
    new Set([`os user ${userInfo().username}`]),
  );
  const seen = rows.map(({ via, action, tenant_schema, before, after }) => [
    via,
    action,
    tenant_schema,
    summaryOf(before),
    summaryOf(after),
  ]);
  expect(seen).toEqual([
    ['create-tenant', 'create', 'acme', null, ['Acme', 'acme', false]],
    ['suspend-tenant', 'change', 'acme', ['Acme', 'acme', false], ['Acme', 'acme', true]],
    ['resume-tenant', 'change', 'acme', ['Acme', 'acme', true], ['Acme', 'acme', false]],
    ['create-user', 'create-user', 'acme', null, { username: 'ada', email: null, role: 'admin' }],
    ['rename-tenant', 'change', 'acme', ['Acme', 'acme', false], ['Acme 2', 'acme_2', false]],
    ['clone-tenant', 'clone', 'copy', null, ['Copy', 'copy', false]],
    ['delete-tenant', 'delete', 'copy', ['Copy', 'copy', false], null],
  ]);
  expect(rows.find(({ action }) => action === 'clone')?.after).toMatchObject({
    cloned_from: 'acme_2',
  });
});
