// Two servers on one database. Both apply a change within a second of its commit: access, suspension and logout. Both accept a
// token of the other one. With the most verbose log level, they print no password or token.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PASSWORD, TenantClient } from '../polls/support.js';
import { type Answer, send } from '../support/application.js';
import { runHosted } from '../support/hosted-commands.js';
import { runCommand, type RunningServer, SECRETS, startServer } from '../support/processes.js';
import { createTestDatabase, type TestDatabase } from 'test-support/test-database.js';

// Processes share the machine with whatever else runs.
jest.setTimeout(120_000);

/** Milliseconds within which a change has to be known everywhere. */
const LIMIT_MS = 1000;

let dataDir: string;
let database: TestDatabase;
let environment: Record<string, string>;
let servers: RunningServer[];
let clients: TenantClient[];
/** Everything that the servers answered. */
const answers: Answer<unknown>[] = [];

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'nts-'));
  database = await createTestDatabase();
  environment = { DATABASE_URL: database.directUrl, DATA_DIR: dataDir };
  const { out } = await runHosted(
    ['create-tenant', '--name', 'Acme', '--admin', 'root', '--json'],
    environment,
  );
  const { tenant_uuid } = JSON.parse(out) as { tenant_uuid: string };
  const talkative = { ...environment, LOG_LEVEL: 'verbose' };
  servers = await Promise.all([startServer(talkative), startServer(talkative)]);
  clients = servers.map(({ url }) => {
    const application = {
      send: async <Body>(...sent: [string, string, object?]): Promise<Answer<Body>> => {
        const answer = await send<Body>(url, ...sent);
        answers.push(answer);
        return answer;
      },
    };
    return new TenantClient(application, tenant_uuid);
  });
});

afterAll(async () => {
  await Promise.all((servers ?? []).map((server) => server.stop('SIGKILL')));
  await database?.drop();
  rmSync(dataDir, { recursive: true, force: true });
});

/** Makes a change, and returns whether all servers give the answer within the time limit. */
async function everywhere(
  change: () => Promise<unknown>,
  status: number,
  token?: string,
): Promise<boolean> {
  await change();
  const deadline = Date.now() + LIMIT_MS;
  for (const client of clients) {
    while ((await client.with(token).send('GET', '/polls')).status !== status) {
      if (Date.now() > deadline) return false;
    }
  }
  return true;
}

const row = (assignment: string) => () => database.sql(`UPDATE public.clients SET ${assignment}`);

it('changes access and suspension in every process', async () => {
  expect(await everywhere(() => Promise.resolve(), 200)).toBe(true);
  expect(await everywhere(row(`access = 'members'`), 401)).toBe(true);
  expect(await everywhere(row(`access = 'open'`), 200)).toBe(true);
  expect(await everywhere(row('suspended = true'), 403)).toBe(true);
  expect(await everywhere(row('suspended = false'), 200)).toBe(true);
});

it('logs a user out in every process, by command', async () => {
  const [first] = clients;
  const ada = await first?.user('ada');
  // In both, which have it in mind from now on: they share the secret that development made up.
  expect(await everywhere(() => Promise.resolve(), 200, ada?.token)).toBe(true);
  const logOut = ['change-user', 'acme', '--username', 'ada', '--log-out'];
  expect(await everywhere(() => runCommand(logOut, environment), 401, ada?.token)).toBe(true);
  const again = await first?.login('ada');
  expect(await everywhere(() => Promise.resolve(), 200, again?.token)).toBe(true);
});

it('reveals no password, token or secret in answers and logs', async () => {
  const [first] = clients;
  const ada = await first?.login('ada');
  await first?.send('POST', '/login', { username: 'ada', password: 'a wrong password' });
  await first?.send('POST', '/users', {
    username: 'ada',
    email: 'a@example.com',
    password: PASSWORD,
  });
  await ada?.send('POST', '/users', { username: '', email: PASSWORD, password: PASSWORD });
  await ada?.with(`${ada.token}x`).send('GET', '/polls');
  const outcomes = await Promise.all(servers.map((server) => server.stop('SIGTERM')));
  const printed = outcomes.map(({ out, err }) => out + err).join('');
  // Control: the logs are talkative.
  expect(printed).toContain('token_version');
  const secret = SECRETS.JWT_SECRET;
  for (const hidden of [PASSWORD, 'a wrong password', ada?.token, secret]) {
    expect(printed).not.toContain(hidden);
  }
  const others = answers.filter(({ body }) => !Object.hasOwn(Object(body) as object, 'token'));
  expect(others.length).toBeLessThan(answers.length);
  for (const hidden of [PASSWORD, 'a wrong password', ada?.token, secret, '$argon2id$']) {
    expect(JSON.stringify(others)).not.toContain(hidden);
  }
});
