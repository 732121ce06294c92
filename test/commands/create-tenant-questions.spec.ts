// create-tenant on a terminal: the seed's walk, the reasons with which it asks again, and every way out of
// its questions. Real processes on a pseudo-terminal.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runHosted } from '../support/hosted-commands.js';
import { createTestDatabase, type TestDatabase } from 'test-support/test-database.js';
import { startOnTerminal, type Terminal } from '../support/terminal.js';
import { traces } from '../schemas/support.js';

const NAME = 'Tenant name: ';
const PAID_UNTIL = 'Paid until (YYYY-MM-DD, empty: never expires): ';
const ON_TRIAL = 'On trial (y/n) [n]: ';
const schema = (offered: string): string => `Schema name [${offered}]: `;

let database: TestDatabase;
let environment: Record<string, string>;

beforeAll(async () => {
  database = await createTestDatabase();
  environment = { DATABASE_URL: database.url };
});

afterAll(() => database?.drop());

function createTenant(...flags: string[]): Terminal {
  return startOnTerminal(['create-tenant', ...flags], environment);
}

async function uuidOf(tenant: string): Promise<string> {
  const [row] = await database.sql<{ id: string }>(
    'SELECT id FROM public.clients WHERE name = $1',
    [tenant],
  );
  return row?.id ?? 'no such tenant';
}

async function created(name: string, schemaName: string): Promise<string> {
  const uuid = await uuidOf(name);
  return [
    `Created tenant "${name}" in schema ${schemaName}.`,
    `  tenant_uuid  ${uuid}`,
    '',
    'Try it, while the server runs:',
    `  curl -H 'X-Request-ID: ${uuid}' http://127.0.0.1:3000/polls`,
    '',
  ].join('\n');
}

it("asks the seed's four questions, and ends with the uuid and the line to try", async () => {
  const terminal = createTenant();
  await terminal.answer(NAME, 'Pollsmaster');
  await terminal.answer(PAID_UNTIL, '2030-05-30');
  await terminal.answer(schema('pollsmaster'), 'pollsmaster');
  await terminal.answer(ON_TRIAL, 'n');
  expect(await terminal.ended).toEqual({
    code: 0,
    screen: [
      `${NAME}Pollsmaster`,
      `${PAID_UNTIL}2030-05-30`,
      `${schema('pollsmaster')}pollsmaster`,
      `${ON_TRIAL}n`,
      await created('Pollsmaster', 'pollsmaster'),
    ].join('\n'),
  });
  expect(
    await database.sql(
      `SELECT schema, paid_until::text, on_trial, access FROM public.clients WHERE name = 'Pollsmaster'`,
    ),
  ).toEqual([{ schema: 'pollsmaster', paid_until: '2030-05-30', on_trial: false, access: 'open' }]);
});

it('takes Enter for the default: never expires, the name it offers, not on trial', async () => {
  const terminal = createTenant();
  await terminal.answer(NAME, '  Acme & Söhne  ');
  await terminal.answer(PAID_UNTIL, '');
  await terminal.answer(schema('acme_sohne'), '');
  await terminal.answer(ON_TRIAL, '');
  expect((await terminal.ended).code).toBe(0);
  expect(
    await database.sql(
      `SELECT name, paid_until, on_trial FROM public.clients WHERE schema = 'acme_sohne'`,
    ),
  ).toEqual([{ name: 'Acme & Söhne', paid_until: null, on_trial: false }]);
});

it('asks again with the reason, as often as it takes', async () => {
  const terminal = createTenant();
  await terminal.answer(NAME, '');
  await terminal.answer(NAME, 'n'.repeat(101));
  await terminal.answer(NAME, 'Again');
  await terminal.answer(PAID_UNTIL, '2030-02-30');
  await terminal.answer(PAID_UNTIL, '2030-02-28');
  await terminal.answer(schema('again'), 'Select');
  await terminal.answer(schema('again'), 'select');
  await terminal.answer(schema('again'), 'public');
  await terminal.answer(schema('again'), 's'.repeat(64));
  await terminal.answer(schema('again'), 's'.repeat(63));
  await terminal.answer(ON_TRIAL, 'maybe');
  await terminal.answer(ON_TRIAL, 'True');
  const { code, screen } = await terminal.ended;
  expect({ code, lines: screen.split('\n').slice(0, 19) }).toEqual({
    code: 0,
    lines: [
      NAME,
      '  Tenant name must not be blank',
      `${NAME}${'n'.repeat(101)}`,
      '  Tenant name must be at most 100 characters long',
      `${NAME}Again`,
      `${PAID_UNTIL}2030-02-30`,
      '  Paid until must be a date, written YYYY-MM-DD',
      `${PAID_UNTIL}2030-02-28`,
      `${schema('again')}Select`,
      '  Schema name must start with a letter a-z or _ and contain only a-z, 0-9 and _ (lower case)',
      `${schema('again')}select`,
      '  Schema name must not be select, a reserved word of SQL',
      `${schema('again')}public`,
      '  Schema name must not be public, which is reserved',
      `${schema('again')}${'s'.repeat(64)}`,
      '  Schema name must be at most 63 bytes long (it has 64)',
      `${schema('again')}${'s'.repeat(63)}`,
      `${ON_TRIAL}maybe`,
      '  On trial must be y, yes, true, n, no or false (got "maybe")',
    ],
  });
  expect(
    await database.sql(`SELECT on_trial FROM public.clients WHERE schema = $1`, ['s'.repeat(63)]),
  ).toEqual([{ on_trial: true }]);
});

it('reports a taken name before the next question, and offers no taken schema', async () => {
  await runHosted(['create-tenant', '--name', 'Taken', '--schema', 'taken'], environment);
  await database.sql('CREATE SCHEMA nobodys');
  const terminal = createTenant();
  await terminal.answer(NAME, 'TAKEN');
  await terminal.shows('The tenant name "TAKEN" is taken. Choose another one.');
  await terminal.answer(NAME, 'Taken!');
  await terminal.answer(PAID_UNTIL, '');
  await terminal.answer('Schema name: ', '');
  await terminal.shows('Schema name is missing');
  await terminal.answer('Schema name: ', 'taken');
  await terminal.shows('The schema "taken" is taken. Choose another one.');
  await terminal.answer('Schema name: ', 'nobodys');
  await terminal.shows('The schema "nobodys" is taken. Choose another one.');
  await terminal.answer('Schema name: ', 'taken_2');
  await terminal.answer(ON_TRIAL, '');
  expect((await terminal.ended).code).toBe(0);
});

it('asks only what no flag gives', async () => {
  const terminal = createTenant('--paid-until', '', '--name', 'Flags', '--on-trial', 'y');
  await terminal.answer(schema('flags'), '');
  expect(await terminal.ended).toEqual({
    code: 0,
    screen: `${schema('flags')}\n${await created('Flags', 'flags')}`,
  });
});

it.each([
  ['a name', ['--name', 'taken'], 'The tenant name "taken" is taken. Choose another one.'],
  ['a schema', ['--schema', 'taken'], 'The schema "taken" is taken. Choose another one.'],
])('fails before it asks when %s that a flag gives is taken', async (_what, flags, message) => {
  expect(await createTenant(...flags).ended).toEqual({ code: 1, screen: `${message}\n` });
});

it('leaves it to creating the tenant when a name is taken while it asks', async () => {
  const terminal = createTenant('--paid-until', '', '--schema', 'slower');
  await terminal.answer(NAME, 'Race');
  await terminal.shows(ON_TRIAL);
  await runHosted(['create-tenant', '--name', 'race', '--schema', 'faster'], environment);
  terminal.type('\r');
  expect(await terminal.ended).toEqual({
    code: 1,
    screen: `${NAME}Race\n${ON_TRIAL}\nThe tenant name "Race" is taken. Choose another one.\n`,
  });
  expect(await traces(database)).not.toContain('schema slower');
});

it('takes lines that are pasted at once for the answers to the questions that follow', async () => {
  const terminal = createTenant();
  await terminal.answer(NAME, 'Pasted\r\rpasted_here\ry');
  const { code, screen } = await terminal.ended;
  expect(code).toBe(0);
  expect(screen).toContain(`${schema('pasted')}pasted_here\n${ON_TRIAL}y\nCreated tenant "Pasted"`);
});

it('says on the terminal that a day is past, and creates the tenant', async () => {
  const terminal = createTenant('--name', 'Past', '--schema', 'past', '--on-trial', 'n');
  await terminal.answer(PAID_UNTIL, '2020-05-30');
  expect(await terminal.ended).toEqual({
    code: 0,
    screen:
      `${PAID_UNTIL}2020-05-30\n` +
      'Warning: 2020-05-30 is in the past, so the tenant is expired from the start.\n' +
      (await created('Past', 'past')),
  });
});

it('asks nothing when it prints JSON, and has defaults for all but the name', async () => {
  const { code, screen } = await createTenant('--name', 'Quiet', '--json').ended;
  expect(code).toBe(0);
  expect(JSON.parse(screen)).toMatchObject({ schema_name: 'quiet', paid_until: null });
  expect(await createTenant('--json').ended).toEqual({
    code: 2,
    screen: 'The tenant needs a name: --name <name>.\n',
  });
});

it.each([
  ['Ctrl-C', '\x03', 130, '\n'],
  [
    'Ctrl-D',
    '\x04',
    1,
    'The input ended before all questions were answered. Nothing was changed.\n',
  ],
])('makes nothing when %s answers a question', async (_title, key, code, message) => {
  const before = await traces(database);
  const terminal = createTenant();
  await terminal.answer(NAME, 'Stopped');
  await terminal.shows(PAID_UNTIL);
  terminal.type(key);
  expect(await terminal.ended).toEqual({
    code,
    screen: `${NAME}Stopped\n${PAID_UNTIL}${message}`,
  });
  expect(await traces(database)).toEqual(before);
});

it('gives up the embedded server when Ctrl-C answers a question', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'nts-'));
  try {
    const terminal = startOnTerminal(['create-tenant'], { DATA_DIR: dataDir });
    await terminal.shows(NAME);
    expect(readdirSync(join(dataDir, 'postgres', 'users'))).toHaveLength(1);
    terminal.type('\x03');
    const { code, screen } = await terminal.ended;
    expect({ code, end: screen.split(NAME)[1] }).toEqual({
      code: 130,
      end: '\nstopped PostgreSQL\n',
    });
    expect(readdirSync(join(dataDir, 'postgres', 'users'))).toEqual([]);
    expect(readdirSync(join(dataDir, 'postgres', 'cluster'))).not.toContain('postmaster.pid');
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
});
