// What each request asks of the server, counted by a proxy: the converted polls send as many statements as the
// single-tenant ones, whichever tenant the connection served before, and wait for one round trip less wherever there
// is a transaction, which TypeORM begins with one of its own. Counts are the same on every machine; times are in
// docs/benchmarks.
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { TenantProvisioner } from 'nest-tenant-schemas';
import { send } from '../support/application.js';
import { type CountingProxy, startCountingProxy } from 'test-support/counting-proxy.js';
import { MemoryRegistry } from 'test-support/memory-registry.js';
import { createTestDatabase, type TestDatabase } from 'test-support/test-database.js';
import { A, B } from '../../packages/nest-tenant-schemas/test/tenancy/support.js';
import { startMultiTenant, startSingleTenant } from './applications.js';

interface Form {
  readonly app: NestFastifyApplication;
  readonly proxy: CountingProxy;
}

let database: TestDatabase;
let single: Form;
let tenants: Form;

beforeAll(async () => {
  database = await createTestDatabase();
  tenants = await open((url) => startMultiTenant(url, new MemoryRegistry()));
  for (const tenant of [A, B]) await tenants.app.get(TenantProvisioner).create(tenant);
  for (const table of ['users', 'polls', 'choices', 'votes']) {
    await database.sql(`CREATE TABLE public.${table} (LIKE ${A.schema}.${table} INCLUDING ALL)`);
  }
  single = await open(startSingleTenant);
  for (const schema of [A.schema, B.schema, 'public']) {
    await database.sql(
      `INSERT INTO ${schema}.polls (question) SELECT 'Q' FROM generate_series(1, 30);
       INSERT INTO ${schema}.choices (choice_text, poll_id)
         SELECT 'C' || n, poll.id FROM ${schema}.polls AS poll, generate_series(1, 30) AS n`,
    );
  }
});

afterAll(async () => {
  for (const { app, proxy } of [single, tenants]) {
    await app.close();
    await proxy.close();
  }
  await database.drop();
});

async function open(start: (url: string) => Promise<NestFastifyApplication>): Promise<Form> {
  const proxy = await startCountingProxy(database.url);
  return { app: await start(proxy.url), proxy };
}

/** What a request costs, after one to another tenant on the same connection. */
async function costOf(
  { app, proxy }: Form,
  [method, path, status, body]: readonly [string, string, number, unknown?],
): Promise<{ statements: number; roundTrips: number }> {
  const url = await app.getUrl();
  expect((await send(url, 'GET', '/polls/1', { tenant: B.id })).status).toBe(200);
  proxy.reset();
  expect((await send(url, method, path, { tenant: A.id, body })).status).toBe(status);
  const { statements, roundTrips } = proxy;
  return { statements, roundTrips };
}

it.each([
  ['GET', '/polls', 200],
  ['GET', '/polls?limit=100', 200],
  ['GET', '/polls/1', 200],
  ['GET', '/polls/99', 404],
  ['GET', '/polls/1/choices', 200],
  ['GET', '/polls/1/results', 200],
  ['POST', '/polls', 400, {}],
  ['POST', '/polls/1/choices', 201, { choice_text: 'C' }],
  ['PUT', '/polls/1', 200, { question: 'R' }],
  ['PATCH', '/polls/1', 200, { question: 'S' }],
  ['DELETE', '/polls/30', 204],
] as const)('%s %s (%i) costs what it costs for one tenant', async (...request) => {
  const cost = await costOf(tenants, request);
  expect(cost).toEqual(await costOf(single, request));
  expect(cost.roundTrips).toBe(cost.statements);
});

it.each([
  ['POST', '/polls', 201, { question: 'Q' }],
  ['POST', '/polls', 201, { question: 'Q', choices: ['x', 'y', 'z'] }],
] as const)('%s %s (%i) %j saves in one round trip less', async (...request) => {
  const { statements, roundTrips } = await costOf(single, request);
  expect(roundTrips).toBe(statements);
  expect(await costOf(tenants, request)).toEqual({ statements, roundTrips: roundTrips - 1 });
});

describe('control: a statement more', () => {
  it('is counted', async () => {
    const { app, proxy } = single;
    proxy.reset();
    expect((await send(await app.getUrl(), 'GET', '/polls/99/choices')).status).toBe(404);
    expect({ statements: proxy.statements, roundTrips: proxy.roundTrips }).toEqual({
      statements: 2,
      roundTrips: 2,
    });
  });
});
