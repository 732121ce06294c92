// A changed tenant row (suspended, expired, deleted or restored) applies at once in all processes. A server with the tenant in its
// cache also notices rows that are changed by hand, and changes during a lost connection of its listener.
import { TENANT_ANNOUNCER } from 'nest-tenant-schemas';
import type { PostgresAnnouncer } from '../../packages/nest-tenant-schemas/src/registry/listener/postgres-announcer.js';
import { startApplication, type TestApplication } from '../support/application.js';
import { AUTHORIZATION, OPERATOR_KEY } from './support.js';
import { createTestDatabase, type TestDatabase } from 'test-support/test-database.js';

let database: TestDatabase;
let application: TestApplication;
let tenant: string;

beforeAll(async () => {
  database = await createTestDatabase();
  application = await startApplication(database.directUrl, { OPERATOR_KEY });
  tenant = (await application.createTenant('Acme')).id;
});

afterAll(async () => {
  await application.close();
  await database.drop();
});

/** Asks until the answer is that; the test's own time limit ends a wait in vain. */
async function expectAnswer(status: number, code?: string): Promise<void> {
  for (;;) {
    const answer = await application.send('GET', '/polls', { tenant });
    if (answer.status === status && answer.body.code === code) return;
  }
}

const change = (assignment: string): Promise<unknown> =>
  database.sql(`UPDATE public.clients SET ${assignment}`);

it('serves a tenant as its row says, from the moment it says so', async () => {
  await expectAnswer(200);
  await change('suspended = true');
  await expectAnswer(403, 'TENANT_SUSPENDED');
  await change('suspended = false');
  await expectAnswer(200);
  await change(`paid_until = '2020-05-30'`);
  await expectAnswer(402, 'TENANT_EXPIRED');
  await change('on_trial = true');
  await expectAnswer(200);
  await change('paid_until = NULL, on_trial = false');
  await expectAnswer(200);
});

it('serves as the operator said from the next request on, before any notification', async () => {
  const patch = (suspended: boolean) =>
    application.send('PATCH', `/clients/${tenant}`, {
      body: { suspended },
      headers: AUTHORIZATION,
    });
  await expectAnswer(200);
  await database.sql('ALTER TABLE public.clients DISABLE TRIGGER USER');
  try {
    expect((await patch(true)).status).toBe(200);
    expect((await application.send('GET', '/polls', { tenant })).status).toBe(403);
    expect((await patch(false)).status).toBe(200);
    expect((await application.send('GET', '/polls', { tenant })).status).toBe(200);
  } finally {
    await database.sql('ALTER TABLE public.clients ENABLE TRIGGER USER');
  }
});

it('looks at no such thing on public routes', async () => {
  await change('suspended = true');
  await expectAnswer(403, 'TENANT_SUSPENDED');
  expect((await application.send('GET', '/client?tenant_name=Acme')).status).toBe(200);
  await change('suspended = false');
  await expectAnswer(200);
});

it('receives changes again after a lost connection, and notices those in between', async () => {
  await expectAnswer(200);
  await database.sql(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
     WHERE application_name = 'nest-tenant-schemas listener' AND datname = current_database()`,
  );
  await change('suspended = true');
  await expectAnswer(403, 'TENANT_SUSPENDED');
  await change('suspended = false');
  await expectAnswer(200);
});

it('control: a server without the notification serves what it has cached', async () => {
  await expectAnswer(200);
  const announcer = application.app.get<PostgresAnnouncer>(TENANT_ANNOUNCER);
  let delivered = 0;
  const deliver = jest.spyOn(announcer, 'deliver').mockImplementation(() => {
    delivered += 1;
  });
  await change('suspended = true');
  while (delivered === 0) await new Promise(setImmediate);
  expect((await application.send('GET', '/polls', { tenant })).status).toBe(200);
  deliver.mockRestore();
  await change('suspended = false');
});

it('knows no tenant whose row is gone', async () => {
  await expectAnswer(200);
  await database.sql('DELETE FROM public.clients');
  await expectAnswer(404, 'TENANT_NOT_FOUND');
});
