// Whether a tenant is paid for is read right in a database whose DateStyle is not ISO, by the server and by commands;
// a last day that cannot be read is an error, and the tenant is not served.
import { runHosted } from '../support/hosted-commands.js';
import { startApplication, type TestApplication } from '../support/application.js';
import { AUTHORIZATION, OPERATOR_KEY } from './support.js';
import { createTestDatabase, type TestDatabase } from 'test-support/test-database.js';

let database: TestDatabase;
let application: TestApplication;

async function start(style: string): Promise<void> {
  database = await createTestDatabase();
  await database.sql(`ALTER DATABASE ${database.name} SET datestyle TO ${style}`);
  application = await startApplication(database.url, { OPERATOR_KEY });
}

afterEach(async () => {
  await application.close();
  await database.drop();
});

const polls = (tenant: string, method = 'GET') =>
  application.send<{ code?: string }>(method, '/polls', {
    tenant,
    ...(method === 'POST' && { body: { question: 'Tea?' } }),
  });

it.each(['German', `'SQL, DMY'`, `'Postgres, MDY'`])('is so with %s', async (style) => {
  await start(style);
  const { id } = await application.createTenant('Acme');
  expect((await polls(id, 'POST')).status).toBe(201);
  expect((await polls(id)).status).toBe(200);

  const path = `/clients/${id}`;
  const body = { paid_until: '2020-12-31' };
  const changed = await application.send('PATCH', path, { headers: AUTHORIZATION, body });
  expect([changed.status, changed.body.paid_until]).toEqual([200, '2020-12-31']);
  for (const method of ['GET', 'POST']) {
    const { status, body: answer } = await polls(id, method);
    expect([method, status, answer.code]).toEqual([method, 402, 'TENANT_EXPIRED']);
  }

  const listed = await runHosted(['list-tenants', '--json'], { DATABASE_URL: database.url });
  expect(listed).toMatchObject({ code: 0, err: '' });
  expect(listed.out).toContain('2020-12-31');
  const created = await runHosted(['create-tenant', '--name', 'Other'], {
    DATABASE_URL: database.url,
  });
  expect(created).toMatchObject({ code: 0, err: '' });
});

it.each(['-infinity', '0099-01-01 BC'])(
  'does not serve a tenant that is paid for until %s',
  async (day) => {
    await start('ISO');
    const { id } = await application.createTenant('Acme');
    await database.sql('UPDATE public.clients SET paid_until = $1', [day]);
    await application.close();
    application = await startApplication(database.url);
    expect((await polls(id)).status).toBe(500);
  },
);
