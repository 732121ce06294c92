// Errors of ours: a 500 that says nothing but an id, which the log has together with the reason. And what
// looks like one but is a mistake of the client.
import { createTestDatabase, type TestDatabase } from 'test-support/test-database.js';
import { type FaultyApplication, SECRET, startFaulty } from './faulty-application.js';

const ID = /^The server failed to answer\. Report this id to the operator: ([0-9a-f-]{36})\.$/;

let database: TestDatabase;
let application: FaultyApplication;

beforeAll(async () => {
  database = await createTestDatabase();
  application = await startFaulty(database.url);
});

afterAll(async () => {
  await application.app.close();
  await database.drop();
});

async function get(path: string): Promise<{ status: number; body: Record<string, unknown> }> {
  const response = await fetch(application.url + path);
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

it.each([
  ['a bug', '/fault/bug', SECRET],
  ['thrown text', '/fault/text', SECRET],
  ['thrown nothing', '/fault/nothing', 'undefined'],
  ['a wrong statement', '/fault/statement', 'relation "public.no_such_table" does not exist'],
  ['a statement without its tenant', '/fault/tenant-statement', 'TenantContextMissingError'],
  ['another 5xx', '/fault/server-error', SECRET],
])('answers %s with an id, under which the log has the reason', async (_title, path, reason) => {
  const before = application.logged.length;
  const { status, body } = await get(path);
  expect({ status, body }).toEqual({
    status: 500,
    body: { statusCode: 500, code: 'INTERNAL_ERROR', message: expect.stringMatching(ID) },
  });
  const lines = application.logged.slice(before);
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain(ID.exec(String(body.message))?.[1]);
  expect(lines[0]).toContain(reason);
});

it('answers a 4xx that the contract does not list with 400, and logs nothing', async () => {
  const before = application.logged.length;
  expect(await get('/fault/teapot')).toEqual({
    status: 400,
    body: { statusCode: 400, code: 'VALIDATION_FAILED', message: 'I am a teapot.' },
  });
  expect(application.logged).toHaveLength(before);
});
