// The seed's walk with real processes on a fresh DATA_DIR: create-tenant answered on a terminal, the look-up of
// its uuid, a poll with the header, a second tenant that does not see it, and requests that name none or a wrong one.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runHosted } from '../support/hosted-commands.js';
import { type Outcome, type RunningServer, runCommand, startServer } from '../support/processes.js';
import { startOnTerminal } from '../support/terminal.js';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

let dataDir: string;
let server: RunningServer;

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'nts-'));
  server = await startServer({ DATA_DIR: dataDir });
}, 120_000);

afterAll(async () => {
  await server?.stop('SIGTERM');
  rmSync(dataDir, { recursive: true, force: true });
});

/** Runs a command in a process of its own, as users do. */
function cli(...args: string[]): Promise<Outcome> {
  return runCommand(args, { DATA_DIR: dataDir });
}

function hosted(...args: string[]): Promise<Outcome> {
  return runHosted(args, { DATA_DIR: dataDir });
}

async function send(
  path: string,
  { tenant, body }: { tenant?: string; body?: unknown } = {},
): Promise<{ status: number; body: Record<string, unknown> }> {
  const response = await fetch(server.url + path, {
    method: body === undefined ? 'GET' : 'POST',
    headers: {
      ...(tenant !== undefined && { 'X-Request-ID': tenant }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

it('walks from an empty database to two tenants that do not see each other', async () => {
  const terminal = startOnTerminal(['create-tenant'], { DATA_DIR: dataDir });
  await terminal.answer('Tenant name: ', 'Pollsmaster');
  await terminal.answer('Paid until (YYYY-MM-DD, empty: never expires): ', '2030-05-30');
  await terminal.answer('Schema name [pollsmaster]: ', 'pollsmaster');
  await terminal.answer('On trial (y/n) [n]: ', 'n');
  const { code, screen } = await terminal.ended;
  expect(code).toBe(0);
  expect(screen).toContain('Created tenant "Pollsmaster" in schema pollsmaster.');

  const found = await send('/client', { body: { tenant_name: 'Pollsmaster' } });
  expect(found).toEqual({
    status: 200,
    body: { tenant_uuid: expect.stringMatching(UUID), tenant_name: 'Pollsmaster' },
  });
  expect((await send('/client?tenant_name=Pollsmaster')).body).toEqual(found.body);
  const first = String(found.body.tenant_uuid);
  expect(screen).toContain(first);

  const poll = await send('/polls/', {
    tenant: first,
    body: { question: 'Tea or coffee?', choices: ['Tea', 'Coffee'] },
  });
  expect(poll).toEqual({
    status: 201,
    body: {
      id: 1,
      question: 'Tea or coffee?',
      pub_date: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      created_by: null,
      choices: [
        { id: 1, choice_text: 'Tea', votes: 0 },
        { id: 2, choice_text: 'Coffee', votes: 0 },
      ],
    },
  });
  expect(await send('/polls', { tenant: first })).toEqual({
    status: 200,
    body: { items: [poll.body], next_cursor: null },
  });

  const second = JSON.parse((await cli('create-tenant', '--name', 'Other', '--json')).out) as {
    tenant_uuid: string;
    schema_name: string;
  };
  expect(second.schema_name).toBe('other');
  expect(await send('/polls', { tenant: second.tenant_uuid })).toEqual({
    status: 200,
    body: { items: [], next_cursor: null },
  });
  const own = await send('/polls', { tenant: second.tenant_uuid, body: { question: 'Ours?' } });
  expect(own.body).toMatchObject({ id: 1, question: 'Ours?' });
  expect((await send('/polls', { tenant: first })).body.items).toEqual([poll.body]);
});

it.each([
  ['no header', undefined, 400, 'TENANT_HEADER_MISSING'],
  ['a header that is not a UUID', 'pollsmaster', 400, 'TENANT_HEADER_INVALID'],
  ['an unknown UUID', '00000000-0000-4000-8000-000000000000', 404, 'TENANT_NOT_FOUND'],
])('answers %s with its own code', async (_title, tenant, statusCode, code) => {
  expect(await send('/polls', { ...(tenant !== undefined && { tenant }) })).toEqual({
    status: statusCode,
    body: { statusCode, code, message: expect.any(String) },
  });
});

it.each([
  ['an unknown field', { question: 'Q', author: 'me' }, 'author'],
  ['no question', {}, 'question'],
  ['a question of 101 characters', { question: 'q'.repeat(101) }, 'question'],
  ['NUL in a question', { question: 'a\0b' }, 'question'],
  ['NUL in a choice', { question: 'Q', choices: ['a\0b'] }, 'choices'],
  ['choices that are not a list', { question: 'Q', choices: 'Tea' }, 'choices'],
])('refuses a poll with %s, naming the field', async (_title, body, field) => {
  const found = await send('/client?tenant_name=Pollsmaster');
  const refused = await send('/polls', { tenant: String(found.body.tenant_uuid), body });
  expect(refused).toEqual({
    status: 400,
    body: {
      statusCode: 400,
      code: 'VALIDATION_FAILED',
      message: expect.any(String),
      details: [{ field, message: expect.any(String) }],
    },
  });
});

it('pages through polls in a stable order, newest last', async () => {
  const created = await hosted('create-tenant', '--name', 'Many', '--json');
  const tenant = (JSON.parse(created.out) as { tenant_uuid: string }).tenant_uuid;
  for (const question of ['one', 'two', 'three'])
    await send('/polls', { tenant, body: { question } });
  const questions: string[] = [];
  let cursor: string | null = '';
  while (cursor !== null) {
    const query = cursor === '' ? '' : `&cursor=${cursor}`;
    const { body } = await send(`/polls?limit=1${query}`, { tenant });
    questions.push(...(body.items as { question: string }[]).map((item) => item.question));
    cursor = body.next_cursor as string | null;
  }
  expect(questions).toEqual(['one', 'two', 'three']);
  expect((await send('/polls?cursor=nonsense', { tenant })).body.code).toBe('VALIDATION_FAILED');
});

it.each([
  [
    'a name that is taken, in another case',
    ['--name', 'POLLSMASTER', '--schema', 'free'],
    1,
    'is taken',
  ],
  ['a schema that is taken', ['--name', 'Free', '--schema', 'pollsmaster'], 1, 'is taken'],
  ['a reserved schema name', ['--name', 'Free', '--schema', 'public'], 2, 'reserved'],
  ['a date that does not exist', ['--name', 'Free', '--paid-until', '2030-02-30'], 2, 'YYYY-MM-DD'],
  [
    'an answer that is neither yes nor no',
    ['--name', 'Free', '--on-trial', 'maybe'],
    2,
    'y, yes, true, n, no or false',
  ],
  ['no name', [], 2, '--name'],
  ['an unknown flag', ['--nonsense'], 2, 'unknown option'],
])('create-tenant refuses %s, and makes nothing', async (_title, args, code, message) => {
  const refused = await hosted('create-tenant', ...args);
  expect({ code: refused.code, out: refused.out }).toEqual({ code, out: '' });
  expect(refused.err).toContain(message);
  expect((await send('/client?tenant_name=Free')).status).toBe(404);
});

it('migrate-schemas reports each schema, as lines and as JSON', async () => {
  const lines = await cli('migrate-schemas');
  expect({ code: lines.code, err: lines.err }).toEqual({ code: 0, err: '' });
  expect(lines.out.split('\n').map((line) => line.split(':')[0])).toEqual([
    'public',
    'many',
    'other',
    'pollsmaster',
    '',
  ]);
  const { out } = await hosted('migrate-schemas', '--json');
  expect(JSON.parse(out)).toContainEqual({
    schema: 'pollsmaster',
    status: 'skipped',
    versions: [],
    durationMs: expect.any(Number),
    error: null,
  });
});

it('keeps the data, and lets commands work, when the server has stopped', async () => {
  expect((await server.stop('SIGINT')).code).toBe(0);
  const created = await cli('create-tenant', '--name', 'Later', '--json');
  expect({ code: created.code, err: created.err.includes('Error') }).toEqual({
    code: 0,
    err: false,
  });
  server = await startServer({ DATA_DIR: dataDir });
  expect((await send('/client?tenant_name=Later')).status).toBe(200);
  expect((await send('/client?tenant_name=Pollsmaster')).status).toBe(200);
});
