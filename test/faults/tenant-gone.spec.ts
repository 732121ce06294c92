// A tenant is suspended or dropped while its requests run: those get a code that says so or may be tried again, never
// a 500, what follows is refused, and its neighbour notices nothing.
import pg from 'pg';
import { startApplication, type TestApplication } from '../support/application.js';
import { createTestDatabase, type TestDatabase } from 'test-support/test-database.js';
import { untilWaiting } from '../support/until-waiting.js';
import { AUTHORIZATION, OPERATOR_KEY } from '../clients/support.js';
import { Load } from './load.js';
import { expectAllWritten, expectNothingHeld } from './support.js';

let database: TestDatabase;
let application: TestApplication;

beforeAll(async () => {
  database = await createTestDatabase();
  application = await startApplication(database.url, { OPERATOR_KEY });
});

afterAll(async () => {
  await application.close();
  await database.drop();
});

/** A request of the operator's, by which a tenant goes. */
const operate = async (method: string, path: string, body?: unknown): Promise<number> =>
  (await application.send(method, path, { body, headers: AUTHORIZATION })).status;

it.each([
  {
    name: 'suspended',
    end: (id: string) => operate('PATCH', `/clients/${id}`, { suspended: true }),
    refusal: '403 TENANT_SUSPENDED',
  },
  {
    name: 'dropped',
    end: (id: string) => operate('DELETE', `/clients/${id}?confirm=dropped`),
    refusal: '404 TENANT_NOT_FOUND',
  },
])(
  'refuses a tenant that is $name under its requests by $refusal',
  async ({ name, end, refusal }) => {
    const { id } = await application.createTenant(name);
    const neighbour = await application.createTenant(`neighbour of ${name}`);
    const load = new Load(application, [id]);
    const others = new Load(application, [neighbour.id]);
    await load.until('201', 20);
    expect(await end(id)).toBeLessThan(300);
    await load.until(refusal, 20);
    await others.until('201', 5);
    const allowed = new Set(['200', '201', refusal, '503 DATABASE_UNAVAILABLE']);
    const kinds = await load.stop();
    expect(kinds.filter((kind) => !allowed.has(kind))).toEqual([]);
    expect(await others.stop()).toEqual(['200', '201']);
    await expectAllWritten(others, database.sql);
    const answer = await application.send('GET', '/polls', { tenant: id });
    expect(`${answer.status} ${String(answer.body.code)}`).toBe(refusal);
    await expectNothingHeld(application, database.sql);
  },
);

it.each([
  ['a statement that was never prepared', 0],
  ['a prepared one', 5],
])('answers 404 to a request whose tenant goes while %s waits for its table', async (_, before) => {
  const { id, schema } = await application.createTenant(`waited for after ${before}`);
  const ask = () =>
    application.send('POST', '/polls', { tenant: id, body: { question: 'Anybody?' } });
  for (let request = 0; request < before; request++) expect((await ask()).status).toBe(201);
  const other = new pg.Client({ connectionString: database.directUrl });
  await other.connect();
  await other.query(`BEGIN; LOCK TABLE ${schema}.polls`);
  const answer = ask();
  await untilWaiting(database);
  await other.query(`DROP SCHEMA ${schema} CASCADE`);
  await other.query('DELETE FROM public.clients WHERE id = $1', [id]);
  await other.query('COMMIT');
  await other.end();
  expect(await answer).toMatchObject({ status: 404, body: { code: 'TENANT_NOT_FOUND' } });
});
