// Which server the requests of the application read from: while the replay of the replica is paused, the answers show it.
import { DataSource } from 'typeorm';
import { tenantContext } from 'nest-tenant-schemas';
import { until } from 'test-support/poll.js';
import {
  type ReplicatedPostgres,
  startReplicatedPostgres,
} from 'test-support/streaming-replica.js';
import { createTestDatabase, type TestDatabase } from 'test-support/test-database.js';
import { type PageBody, type PollBody, TenantClient } from '../polls/support.js';
import { startApplication, type TestApplication } from '../support/application.js';

const OPERATOR_KEY = 'the-key-of-the-operator-of-this-spec';
const NO_CACHE = { 'cache-control': 'no-cache' };

let servers: ReplicatedPostgres;
let database: TestDatabase;
let application: TestApplication;
let a: TenantClient;

beforeAll(async () => {
  servers = await startReplicatedPostgres();
  database = await createTestDatabase();
  await servers.catchUp();
  application = await startApplication(database.url, {
    DATABASE_URL: database.url,
    DATABASE_REPLICA_URLS: servers.onReplica(database.url),
    OPERATOR_KEY,
  });
  a = await newClient('a');
  await servers.catchUp();
  await untilOnReplica();
});

afterAll(async () => {
  await application.close();
  await database.drop();
  await servers.stop();
});

async function newClient(name: string): Promise<TenantClient> {
  return new TenantClient(application, (await application.createTenant(name)).id);
}

async function questions(client: TenantClient, headers = {}): Promise<string[]> {
  const { body } = await client.send<PageBody<PollBody>>('GET', '/polls', undefined, headers);
  return body.items.map(({ question }) => question);
}

function untilOnReplica({ tenant }: TenantClient = a, schema = 'a'): Promise<unknown> {
  return until('reads use the replica', async () => {
    const runner = application.app.get(DataSource).createQueryRunner('slave');
    const [row] = (await tenantContext.run({ id: tenant, schema }, () =>
      runner.query('SELECT pg_catalog.pg_is_in_recovery() AS answer'),
    )) as { answer: boolean }[];
    await runner.release();
    return row?.answer;
  });
}

it('answers GET from the replica, and from the primary with Cache-Control: no-cache', async () => {
  await servers.whilePaused(async () => {
    const { id } = await a.poll('Stale?');
    expect(await questions(a)).not.toContain('Stale?');
    expect(await questions(a, NO_CACHE)).toContain('Stale?');
    expect((await a.send('GET', `/polls/${id}`)).status).toBe(404);
    expect((await a.send('GET', `/polls/${id}`, undefined, NO_CACHE)).status).toBe(200);
  });
  expect(await questions(a)).toContain('Stale?');
});

it('answers requests that may write from the primary', async () => {
  await servers.whilePaused(async () => {
    const { id } = await a.poll('Written?', ['Yes', 'No']);
    // Each of them reads the poll before it writes.
    expect((await a.send('PATCH', `/polls/${id}`, { question: 'Changed?' })).status).toBe(200);
    expect((await a.send('POST', `/polls/${id}/choices`, { choice_text: 'Maybe' })).status).toBe(
      201,
    );
    expect((await a.send('DELETE', `/polls/${id}`)).status).toBe(204);
  });
});

it('accepts the token of a user that the replica does not have yet', async () => {
  const other = await newClient('users');
  await servers.whilePaused(async () => {
    const ada = await other.user('ada');
    expect((await ada.send('GET', '/users/me')).status).toBe(200);
  });
});

it('serves a new tenant before the replica has its schema', async () => {
  await servers.whilePaused(async () => {
    const fresh = await newClient('fresh');
    expect(await questions(fresh)).toEqual([]);
  });
});

it('shows a new tenant no rows of a deleted tenant with the same schema', async () => {
  const former = await newClient('reused');
  await former.poll('Of the former tenant?');
  await servers.catchUp();
  await untilOnReplica(former, 'reused');
  await servers.whilePaused(async () => {
    const { status } = await application.send(
      'DELETE',
      `/clients/${former.tenant}?confirm=reused`,
      {
        headers: { authorization: `Bearer ${OPERATOR_KEY}` },
      },
    );
    expect(status).toBe(204);
    expect(await questions(await newClient('reused'))).toEqual([]);
  });
});

it('rejects requests of a suspended tenant although the replica does not know', async () => {
  const suspended = await newClient('suspended');
  await servers.catchUp();
  await untilOnReplica(suspended, 'suspended');
  await servers.whilePaused(async () => {
    expect(await questions(suspended)).toEqual([]);
    await application.send('PATCH', `/clients/${suspended.tenant}`, {
      body: { suspended: true },
      headers: { authorization: `Bearer ${OPERATOR_KEY}` },
    });
    await until(
      'requests are rejected',
      async () => {
        return (await suspended.send('GET', '/polls')).status === 403;
      },
      1000,
    );
  });
});

it('is ready and answers while the replica is unavailable, and uses it again', async () => {
  await a.poll('Available?');
  await servers.catchUp();
  await servers.stopReplica('SIGQUIT');
  const answers = await Promise.all(Array.from({ length: 20 }, () => a.send('GET', '/polls')));
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  expect((await application.send('GET', '/health/ready')).status).toBe(200);
  await servers.startReplica();
  await untilOnReplica();
});
