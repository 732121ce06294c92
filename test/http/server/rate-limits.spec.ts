// Too many look-ups and logins are refused with 429 and Retry-After, by address and by tenant, before the database
// is asked. A proxy is believed about addresses only where the settings say so.
import { Body, Controller, HttpCode, Module, Post } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { AppModule } from '../../../src/app.module.js';
import { parseEnvironment } from '../../../src/config/environment.js';
import { createFastifyAdapter } from '../../../src/http/server/fastify-adapter.js';
import { RateLimited } from '../../../src/http/rate-limit/rate-limited.decorator.js';
import { SchemaMigrator } from 'nest-tenant-schemas';
import { createTestDatabase, type TestDatabase } from 'test-support/test-database.js';

const NOBODY = '00000000-0000-4000-8000-000000000000';
const NOBODY_ELSE = '00000000-0000-4000-8000-000000000001';
const TOO_MANY = {
  statusCode: 429,
  code: 'RATE_LIMITED',
  message: 'Too many requests. Retry after the seconds in the Retry-After header.',
};

/** A route of tenants that takes a password. */
@Controller('sign-in')
@RateLimited('login')
class SignInController {
  @Post()
  @HttpCode(200)
  signIn(@Body() _body: unknown): object {
    return {};
  }
}

let database: TestDatabase;
let app: NestFastifyApplication;

beforeAll(async () => {
  database = await createTestDatabase();
});

afterEach(() => app.close());

afterAll(() => database.drop());

async function start(variables: Record<string, string>): Promise<void> {
  const environment = parseEnvironment({ NODE_ENV: 'test', ...variables });
  @Module({
    imports: [AppModule.forRoot(environment, database.url)],
    controllers: [SignInController],
  })
  class LimitedModule {}
  app = await NestFactory.create<NestFastifyApplication>(
    LimitedModule,
    createFastifyAdapter({ trustProxy: environment.trustProxy }),
    { logger: false, abortOnError: false },
  );
  await app.init();
  const { error } = await app.get(SchemaMigrator).migrateShared();
  if (error) throw error;
  await app.listen(0, '127.0.0.1');
}

async function statusOf(path: string, headers: Record<string, string> = {}, body?: object) {
  const response = await fetch((await app.getUrl()) + path, {
    method: body ? 'POST' : 'GET',
    headers: { ...(body && { 'content-type': 'application/json' }), ...headers },
    ...(body && { body: JSON.stringify(body) }),
  });
  await response.arrayBuffer();
  return response.status;
}

const lookUp = (headers: Record<string, string> = {}): Promise<number> =>
  statusOf('/client?tenant_name=x', headers);
const signIn = (tenant: string, headers: Record<string, string> = {}): Promise<number> =>
  statusOf('/sign-in', { 'X-Request-ID': tenant, ...headers }, {});

it('refuses look-ups of an address beyond the limit, by GET and POST together, and nothing else', async () => {
  await start({ RATE_LIMIT_LOOK_UP: '3' });
  expect([
    await lookUp(),
    await statusOf('/client', {}, { tenant_name: 'x' }),
    await lookUp(),
  ]).toEqual([404, 404, 404]);
  const refused = await fetch(`${await app.getUrl()}/client?tenant_name=x`);
  expect([refused.status, await refused.json()]).toEqual([429, TOO_MANY]);
  const seconds = Number(refused.headers.get('retry-after'));
  expect(seconds).toBeGreaterThan(0);
  expect(seconds).toBeLessThanOrEqual(60);
  expect(await statusOf('/client', {}, { tenant_name: 'x' })).toBe(429);
  expect(await statusOf('/health/live')).toBe(200);
  expect(await signIn(NOBODY)).toBe(404);
});

it('counts logins of an address over all tenants, before it looks the tenant up', async () => {
  await start({ RATE_LIMIT_LOGIN: '2' });
  expect([await signIn(NOBODY), await signIn(NOBODY_ELSE)]).toEqual([404, 404]);
  expect(await signIn(NOBODY)).toBe(429);
  await database.sql('ALTER TABLE public.clients RENAME TO gone');
  try {
    // Asking the database would be a 500 now.
    expect(await signIn(NOBODY)).toBe(429);
    expect(await statusOf('/polls', { 'X-Request-ID': NOBODY_ELSE.replace('1', '2') })).toBe(500);
  } finally {
    await database.sql('ALTER TABLE public.gone RENAME TO clients');
  }
});

it('counts logins of a tenant over all addresses, apart from other tenants', async () => {
  await start({ RATE_LIMIT_LOGIN_TENANT: '2', RATE_LIMIT_LOGIN: '100', TRUST_PROXY: '1' });
  const from = (address: string) => ({ 'X-Forwarded-For': address });
  expect([
    await signIn(NOBODY, from('192.0.2.1')),
    await signIn(NOBODY.toUpperCase(), from('192.0.2.2')),
    await signIn(NOBODY, from('192.0.2.3')),
    await signIn(NOBODY_ELSE, from('192.0.2.3')),
  ]).toEqual([404, 404, 429, 404]);
});

it('counts addresses behind a trusted proxy, and an IPv6 network as one address', async () => {
  await start({ RATE_LIMIT_LOOK_UP: '1', TRUST_PROXY: 'loopback' });
  const from = (address: string) => lookUp({ 'X-Forwarded-For': address });
  expect([await from('192.0.2.1'), await from('192.0.2.2'), await from('192.0.2.1')]).toEqual([
    404, 404, 429,
  ]);
  expect([await from('2001:db8::1'), await from('2001:db8::2')]).toEqual([404, 429]);
  expect(await from('2001:db8:0:1::1')).toBe(404);
});

it('control: ignores the address in X-Forwarded-For without TRUST_PROXY', async () => {
  await start({ RATE_LIMIT_LOOK_UP: '1' });
  const from = (address: string) => lookUp({ 'X-Forwarded-For': address });
  expect([await from('192.0.2.1'), await from('192.0.2.2')]).toEqual([404, 429]);
});

it('rejects no request if all limits are 0', async () => {
  await start({ RATE_LIMIT_LOOK_UP: '0', RATE_LIMIT_LOGIN: '0', RATE_LIMIT_LOGIN_TENANT: '0' });
  const statuses = await Promise.all(Array.from({ length: 100 }, () => lookUp()));
  expect(new Set(statuses)).toEqual(new Set([404]));
});
