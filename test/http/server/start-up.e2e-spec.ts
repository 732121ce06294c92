// Starts of real server processes: an error for each invalid setting with its rule and value, a port or a database that is not
// available, and the first lines of a successful start.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SERVER_KEY, startServer } from '../../support/processes.js';
import { createTestDatabase, type TestDatabase } from 'test-support/test-database.js';
import { MIGRATIONS_TABLE } from 'nest-tenant-schemas';
import { refusedStart } from './refused-start.js';

const PRODUCTION = { NODE_ENV: 'production' };
const SECRET_URL = 'mysql://root:hunter2@localhost/app';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
}, 120_000);

afterAll(() => database.drop());

it.each<[Record<string, string>, string[]]>([
  [
    {
      NODE_ENV: 'prod',
      PORT: 'abc',
      HOST: 'a b',
      DATABASE_URL: SECRET_URL,
      DATABASE_POOL_SIZE: '0',
      TENANT_HEADER: 'x y',
      OPERATOR_KEY: 'two words',
      TENANT_ISOLATION: 'roles',
      LOG_LEVEL: 'loud',
      SHUTDOWN_TIMEOUT_MS: '-1',
    },
    [
      'NODE_ENV must be one of development, production, test (got "prod")',
      'PORT must be a whole number from 0 to 65535 (got "abc")',
      'HOST must be a host name or an address (got "a b")',
      'DATABASE_URL must be an address like postgres://user:password@host:5432/database (its value is not shown)',
      'DATABASE_POOL_SIZE must be a whole number from 1 to 1000 (got "0")',
      'TENANT_HEADER must be the name of an HTTP header without another meaning, so not Authorization or Host (got "x y")',
      'OPERATOR_KEY must be printable ASCII characters without spaces (its value is not shown)',
      'TENANT_ISOLATION must be one of names, role (got "roles")',
      'LOG_LEVEL must be one of fatal, error, warn, log, debug, verbose (got "loud")',
      'SHUTDOWN_TIMEOUT_MS must be a whole number from 0 to 600000 (got "-1")',
    ],
  ],
  [{ PORT: '70000' }, ['PORT must be a whole number from 0 to 65535 (got "70000")']],
  [
    PRODUCTION,
    ['DATABASE_URL', 'OPERATOR_KEY', 'JWT_SECRET'].map(
      (name) => `${name} must be set if NODE_ENV is production`,
    ),
  ],
])('refuses %j, naming each variable, its rule and what was given', async (variables, lines) => {
  expect(await refusedStart(variables)).toEqual({
    code: 1,
    out: '',
    err: `${lines.join('\n')}\n`,
  });
});

it('names a port that is in use, and gives the embedded server back', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'nts-'));
  const taken = await listening();
  const { port } = taken.address() as { port: number };
  const refused = await refusedStart({ DATA_DIR: dataDir, PORT: String(port) });
  taken.close();
  const left = readdirSync(dataDir, { recursive: true }).map(String);
  rmSync(dataDir, { recursive: true, force: true });
  expect({ code: refused.code, err: refused.err }).toEqual({
    code: 1,
    err: `Port ${port} is in use. Stop the process that listens on it, or set PORT to another port.\n`,
  });
  expect(left.filter((path) => path.endsWith('postmaster.pid'))).toEqual([]);
});

it('reports five attempts to reach the database, then exits', async () => {
  const nowhere = await listening();
  const { port } = nowhere.address() as { port: number };
  nowhere.close();
  const refused = await refusedStart({
    DATABASE_URL: `postgres://app:hunter2@127.0.0.1:${port}/polls`,
  });
  expect(refused.code).toBe(1);
  expect(refused.out.match(/attempt \d of 5\): connect ECONNREFUSED/g)).toHaveLength(5);
  expect(refused.err).toBe(
    'The database cannot be reached. Check DATABASE_URL, that the database server runs, and that it accepts this ' +
      'login. To use the embedded PostgreSQL, unset DATABASE_URL.\n',
  );
  expect(refused.out + refused.err).not.toContain('hunter2');
});

it('prints where it is and what to type next, without an inventory of itself', async () => {
  const started = await startServer({ DATABASE_URL: database.url });
  const { url } = started;
  const { code, out, err } = await started.stop('SIGTERM');
  const server = new URL(database.url).host;
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(out).not.toMatch(/InstanceLoader|RoutesResolver|RouterExplorer/);
  expect(out).toContain(`
  API       ${url}
  Docs      ${url}/docs
  Database  PostgreSQL at ${server}, database ${database.name}
  Tenants   0

  Create a tenant in another terminal:
    npm run -s cli -- create-tenant --name Pollsmaster --schema pollsmaster
`);
});

it('makes an operator key up where none is given, prints it, and keeps it for the next start', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'nts-'));
  const keys: unknown[] = [];
  for (const _start of ['first', 'second']) {
    const started = await startServer({
      DATABASE_URL: database.url,
      DATA_DIR: dataDir,
      OPERATOR_KEY: '',
    });
    const key = readFileSync(join(dataDir, 'operator-key'), 'utf8').trim();
    const { status } = await fetch(`${started.url}/clients`, {
      headers: { authorization: `Bearer ${key}` },
    });
    const { out } = await started.stop('SIGTERM');
    expect([status, out]).toEqual([200, expect.stringContaining(`\n  Operator  key ${key}\n`)]);
    keys.push(key);
  }
  rmSync(dataDir, { recursive: true, force: true });
  expect(keys[1]).toBe(keys[0]);
});

it('refuses a database that a newer version has migrated, with the reason', async () => {
  await database.sql(`INSERT INTO public.${MIGRATIONS_TABLE} (name) VALUES ('Newer9999999999999')`);
  const refused = await refusedStart({ DATABASE_URL: database.url, OPERATOR_KEY: SERVER_KEY });
  expect({ code: refused.code, err: refused.err }).toEqual({
    code: 1,
    err:
      'Schema "public" has migrations that this code does not know (Newer9999999999999). ' +
      'Deploy the version that has them, or revert them with that version first.\n',
  });
});

function listening(): Promise<Server> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => resolve(server));
  });
}
