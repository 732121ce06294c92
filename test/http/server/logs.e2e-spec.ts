// The log of a real server in production: a JSON line for each request, with the tenant's schema and an id of our
// own, and no byte of what is secret, at the most talkative level and whatever goes wrong.
import { randomUUID } from 'node:crypto';
import { send } from '../../support/application.js';
import { runHosted } from '../../support/hosted-commands.js';
import { type RunningServer, startServer } from '../../support/processes.js';
import { createTestDatabase, type TestDatabase } from 'test-support/test-database.js';

const SECRET = 'hunter2-hunter2-hunter2-hunter2-hunter2';
const PRODUCTION = { NODE_ENV: 'production', OPERATOR_KEY: `key-${SECRET}`, JWT_SECRET: SECRET };

let database: TestDatabase;
let tenant: string;

beforeAll(async () => {
  database = await createTestDatabase();
  const created = await runHosted(
    ['create-tenant', '--name', 'Acme', '--schema', 'acme', '--json'],
    { DATABASE_URL: database.url },
  );
  tenant = (JSON.parse(created.out) as { tenant_uuid: string }).tenant_uuid;
}, 120_000);

afterAll(() => database.drop());

const start = (variables: Record<string, string> = {}): Promise<RunningServer> =>
  startServer({ ...PRODUCTION, DATABASE_URL: database.url, ...variables });

/** The lines of a log that are JSON: all but the banner. */
function linesOf(out: string): Record<string, unknown>[] {
  return out
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

const requestsOf = (out: string): Record<string, unknown>[] =>
  linesOf(out).filter(({ msg }) => msg === 'request');

it('writes a line for each request, by its route, with the tenant and an id of its own', async () => {
  const server = await start();
  const read = await send(server.url, 'GET', '/polls/1?x=1', { tenant });
  await send(server.url, 'GET', '/nope');
  await send(server.url, 'GET', '/health/live');
  const { out, err } = await server.stop('SIGTERM');
  expect([read.status, err]).toEqual([404, '']);
  const line = {
    level: 'info',
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
    req_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    method: 'GET',
    duration_ms: expect.any(Number),
    msg: 'request',
  };
  expect(requestsOf(out)).toEqual([
    { ...line, route: '/polls/:id', status: 404, tenant: 'acme' },
    { ...line, status: 404 },
  ]);
  expect(requestsOf(out).map(({ req_id }) => req_id)).not.toContain(tenant);
});

it('is silent about what went well with LOG_LEVEL=warn', async () => {
  const server = await start({ LOG_LEVEL: 'warn' });
  await send(server.url, 'GET', '/polls', { tenant });
  await send(server.url, 'GET', '/nope');
  expect(linesOf((await server.stop('SIGTERM')).out)).toEqual([]);
});

it('has an error of ours under the id that the answer gives and the request’s line has', async () => {
  const server = await start({ LOG_LEVEL: 'warn' });
  await database.sql('ALTER TABLE acme.polls RENAME COLUMN question TO lost');
  const { body } = await send<Record<string, unknown>>(server.url, 'GET', '/polls', { tenant });
  await database.sql('ALTER TABLE acme.polls RENAME COLUMN lost TO question');
  const [, id] = /to the operator: ([0-9a-f-]{36})/.exec(String(body.message)) ?? [];
  const lines = linesOf((await server.stop('SIGTERM')).out);
  expect(lines).toEqual([
    expect.objectContaining({
      level: 'error',
      context: 'ErrorFilter',
      msg: `Error ${id}`,
      stack: expect.stringContaining('question does not exist'),
    }),
    expect.objectContaining({ level: 'warn', req_id: id, status: 500, tenant: 'acme' }),
  ]);
});

it('has no byte of a secret in it, at any level', async () => {
  const server = await start({ LOG_LEVEL: 'verbose' });
  const unknown = randomUUID();
  const headers = { authorization: `Bearer ${SECRET}`, cookie: `session=${SECRET}` };
  // Without the token, which is not valid here, the poll is stored.
  const anonymous = { cookie: headers.cookie };
  const path = `/polls?access_token=${SECRET}`;
  for (const id of [tenant, unknown, SECRET]) {
    await send(server.url, 'GET', path, { tenant: id, headers });
    await send(server.url, 'POST', '/polls', { tenant: id, headers, body: { password: SECRET } });
    await send(server.url, 'POST', '/polls', {
      tenant: id,
      headers: anonymous,
      body: { question: SECRET },
    });
    await send(server.url, 'POST', '/client', { tenant: id, headers, body: `{"${SECRET}` });
    await send(server.url, 'GET', `/${SECRET}/${id}`, { tenant: id, headers });
    await send(server.url, 'GET', `/%zz${SECRET}`, { tenant: id, headers });
  }
  await send(server.url, 'GET', `/client?tenant_name=${SECRET}`);
  await database.sql('ALTER TABLE acme.polls RENAME COLUMN question TO lost');
  await send(server.url, 'POST', '/polls', {
    tenant,
    headers: anonymous,
    body: { question: SECRET },
  });
  await database.sql('ALTER TABLE acme.polls RENAME COLUMN lost TO question');
  const { out, err } = await server.stop('SIGTERM');
  expect(requestsOf(out).length).toBeGreaterThan(15);
  // The statements are in it, so that a secret could be.
  expect(out).toContain('INSERT INTO \\"__tenant__\\".\\"polls\\"');
  for (const secret of [SECRET, tenant, unknown, new URL(database.url).password || SECRET]) {
    expect((out + err).includes(secret)).toBe(false);
  }
});

it('warns of an operator key that can be guessed, and of no other', async () => {
  const warnings = async (variables: Record<string, string>): Promise<unknown[]> => {
    const { out } = await (await start(variables)).stop('SIGTERM');
    return linesOf(out).filter(({ context }) => context === 'Operators');
  };
  expect(await warnings({ OPERATOR_KEY: 'guess-me' })).toEqual([
    expect.objectContaining({ level: 'warn', msg: expect.stringContaining('fewer than 32') }),
  ]);
  expect(await warnings({})).toEqual([]);
});
