// A suspended tenant and a user who was logged out are refused at once where LISTEN is heard. Behind a transaction pooler it is
// not: tenants and users are then remembered for seconds only, and the log says which variable ends that.
import { Logger } from '@nestjs/common';
import { TenantClient } from '../polls/support.js';
import { startApplication, type TestApplication } from '../support/application.js';
import { until } from 'test-support/poll.js';
import { runHosted } from '../support/hosted-commands.js';
import { createTestDatabase, type TestDatabase } from 'test-support/test-database.js';
import { testServer } from 'test-support/test-server.js';

const { isBehindPgBouncer } = testServer();

/** More than the few seconds, less than the minute for which a tenant or a user is trusted where nothing limits it. */
const LIMIT_MS = 20_000;

let database: TestDatabase;
let warn: jest.SpyInstance;

beforeEach(async () => {
  database = await createTestDatabase();
  warn = jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
});

afterEach(async () => {
  warn.mockRestore();
  await database.drop();
});

const warnings = (): unknown[] =>
  warn.mock.calls
    .map(([message]) => message as string)
    .filter((text) => text.includes('Set DATABASE_DIRECT_URL'));

async function expectAnswer(application: TestApplication, tenant: string, status: number) {
  for (;;) {
    if ((await application.send('GET', '/polls', { tenant })).status === status) return;
  }
}

it.each([
  ['DATABASE_URL alone', false],
  ['DATABASE_DIRECT_URL', true],
])(
  'refuses a suspended tenant within seconds, and warns where LISTEN is in vain: %s',
  async (_, hasDirectUrl) => {
    const variables = hasDirectUrl ? { DATABASE_DIRECT_URL: database.directUrl } : undefined;
    const application = await startApplication(database.url, variables);
    try {
      const { id } = await application.createTenant('Acme');
      await expectAnswer(application, id, 200);
      await database.sql('UPDATE public.clients SET suspended = true');
      await expectAnswer(application, id, 403);
    } finally {
      await application.close();
    }
    expect(warnings()).toHaveLength(isBehindPgBouncer && !hasDirectUrl ? 1 : 0);
  },
  LIMIT_MS,
);

it(
  'refuses within seconds the token of a user whom a command has logged out',
  async () => {
    const application = await startApplication(database.url);
    try {
      const { id, schema } = await application.createTenant('Acme');
      const ada = await new TenantClient(application, id).user('ada');
      const me = async (): Promise<number> => (await ada.send('GET', '/users/me')).status;
      expect(await me()).toBe(200);
      const logOut = ['change-user', schema, '--username', 'ada', '--log-out'];
      const { code } = await runHosted(logOut, { DATABASE_URL: database.directUrl });
      expect(code).toBe(0);
      await until('the refusal', async () => (await me()) === 401, LIMIT_MS);
    } finally {
      await application.close();
    }
  },
  3 * LIMIT_MS,
);
