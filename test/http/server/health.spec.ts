// What a load balancer asks: public, never cached, quick even when the database does not answer, and no
// longer ready as soon as the application stops.
import { type BeforeApplicationShutdown, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { createTestDatabase, type TestDatabase } from 'test-support/test-database.js';
import { type FaultyApplication, startFaulty } from '../errors/faulty-application.js';

type Answer = [status: number, body: unknown];

let database: TestDatabase;
let application: FaultyApplication;
const whileStopping: Answer[] = [];

/** Asks while the hooks of the shutdown run, when connections are still accepted. */
@Injectable()
class AskWhileStopping implements BeforeApplicationShutdown {
  async beforeApplicationShutdown(): Promise<void> {
    whileStopping.push(await get('/health/ready'), await get('/health/live'));
  }
}

beforeAll(async () => {
  database = await createTestDatabase();
  application = await startFaulty(database.url, {
    variables: { DATABASE_POOL_SIZE: '1' },
    providers: [AskWhileStopping],
  });
});

afterAll(() => database.drop());

async function get(path: string, headers: Record<string, string> = {}): Promise<Answer> {
  const response = await fetch(application.url + path, { headers });
  expect(response.headers.get('cache-control')).toBe('no-store');
  return [response.status, await response.json()];
}

const READY = {
  status: 'ok',
  details: { database: { status: 'up', responseTime: expect.any(Number) } },
};

it('is live and ready, without a look at the tenant header', async () => {
  const headers = { 'X-Request-ID': 'nonsense' };
  expect(await get('/health/live', headers)).toEqual([200, { status: 'ok' }]);
  expect(await get('/health/ready', headers)).toEqual([200, READY]);
});

it('is not ready while the database does not answer within a second, and ready again after', async () => {
  const runner = application.app.get(DataSource).createQueryRunner();
  await runner.connect();
  expect(await get('/health/ready')).toEqual([
    503,
    {
      statusCode: 503,
      code: 'DATABASE_UNAVAILABLE',
      message: 'The database cannot be reached at the moment. Try again shortly.',
      details: [{ field: 'database', message: 'database is down' }],
    },
  ]);
  expect(await get('/health/live')).toEqual([200, { status: 'ok' }]);
  await runner.release();
  expect(await get('/health/ready')).toEqual([200, READY]);
});

it('is not ready but live while it stops', async () => {
  await application.app.close();
  expect(whileStopping).toEqual([
    [
      503,
      {
        statusCode: 503,
        code: 'SHUTTING_DOWN',
        message: 'The server is shutting down. Retry shortly, or use another server.',
      },
    ],
    [200, { status: 'ok' }],
  ]);
});
