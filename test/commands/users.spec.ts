// create-user, change-user and create-tenant --admin as an operator runs them: flags without a terminal, questions
// without an echo on one, and a login with what they print or were given.
import { TenantClient } from '../polls/support.js';
import { startApplication, type TestApplication } from '../support/application.js';
import { runHosted } from '../support/hosted-commands.js';
import type { Outcome } from '../support/processes.js';
import { startOnTerminal, type Terminal } from '../support/terminal.js';
import { createTestDatabase, type TestDatabase } from 'test-support/test-database.js';

/** An address without a server. A command that opens the database fails there. */
const NO_DATABASE = { DATABASE_URL: 'postgres://unknown@127.0.0.1:1/none' };
const MADE_UP = /^[\w-]{24}$/;
const PASSWORD = 'a cup of tea at four';

let database: TestDatabase;
let application: TestApplication;
let acme: TenantClient;

beforeAll(async () => {
  database = await createTestDatabase();
  application = await startApplication(database.url);
  acme = new TenantClient(application, (await application.createTenant('Acme')).id);
});

afterAll(async () => {
  await application?.close();
  await database?.drop();
});

const cli = (...args: string[]): Promise<Outcome> =>
  runHosted(args, { DATABASE_URL: database.url });

const onTerminal = (...args: string[]): Terminal =>
  startOnTerminal(args, { DATABASE_URL: database.url });

/** Reads the one JSON document of a command that did its work. */
async function json<T>(...args: string[]): Promise<T> {
  const { code, out, err } = await cli(...args, '--json');
  expect({ code, err }).toEqual({ code: 0, err: '' });
  return JSON.parse(out) as T;
}

interface Report {
  readonly id: number;
  readonly password: string;
}

it('creates a member with a generated password, and prints it once', async () => {
  const { code, out, err } = await cli('create-user', 'acme', '--username', 'ada');
  expect({ code, err }).toEqual({ code: 0, err: '' });
  const [created, password, once] = out.split('\n');
  expect([created, once]).toEqual(['Created member "ada".', '  The password is shown only once.']);
  const client = await acme.login('ada', password?.replace('  password  ', ''));
  expect((await client.send('GET', '/users/me')).body).toEqual({
    id: 1,
    username: 'ada',
    email: null,
    role: 'member',
  });
});

it('makes an admin, through tenant-command as well, and prints JSON', async () => {
  const flags = ['--username', 'root', '--email', 'root@example.com', '--admin'];
  const report = await json<Report>('tenant-command', 'acme', '--', 'create-user', ...flags);
  expect(report).toEqual({
    id: expect.any(Number),
    username: 'root',
    email: 'root@example.com',
    role: 'admin',
    password: expect.stringMatching(MADE_UP),
  });
  await acme.login('root', report.password);
});

it('asks on a terminal, again when an answer breaks a rule, and shows no password', async () => {
  const terminal = onTerminal('create-user', 'acme', '--admin');
  await terminal.answer('Username: ', 'g race');
  await terminal.answer('Username: ', 'grace');
  await terminal.answer('Email (empty: none): ', 'grace');
  await terminal.answer('Email (empty: none): ', '');
  await terminal.answer('Password: ', 'short');
  await terminal.answer('Password: ', PASSWORD);
  await terminal.answer('Password again: ', 'another one');
  await terminal.answer('Password: ', PASSWORD);
  await terminal.answer('Password again: ', PASSWORD);
  expect(await terminal.ended).toEqual({
    code: 0,
    screen: [
      'Username: g race',
      '  Username must begin with a letter or digit, and contain only A-Z, a-z, 0-9 and . _ @ + -',
      'Username: grace',
      'Email (empty: none): grace',
      '  Email must be an email',
      'Email (empty: none): ',
      'Password: ',
      '  Password must be longer than or equal to 8 characters',
      'Password: ',
      'Password again: ',
      '  The passwords differ. Enter both again.',
      'Password: ',
      'Password again: ',
      'Created admin "grace".',
      '',
    ].join('\n'),
  });
  await acme.login('grace', PASSWORD);
});

it.each([
  ['Ctrl-C', '\x03', 130],
  ['Ctrl-D', '\x04', 1],
])('creates no user when %s answers the password', async (_title, key, code) => {
  const terminal = onTerminal('create-user', 'acme', '--username', 'unknown', '--email', '');
  await terminal.answer('Password: ', PASSWORD);
  await terminal.shows('Password again: ');
  terminal.type(key);
  expect((await terminal.ended).code).toBe(code);
  expect(await database.sql(`SELECT FROM acme.users WHERE username = 'unknown'`)).toEqual([]);
});

it('fails for a name that is taken, whatever its case', async () => {
  await cli('create-user', 'acme', '--username', 'twice');
  expect(await cli('create-user', 'acme', '--username', 'TWICE')).toEqual({
    code: 1,
    out: '',
    err: 'The username "TWICE" is taken. Choose another one.\n',
  });
});

it('makes the same admin in every tenant, each with a password of its own', async () => {
  await application.createTenant('Other');
  const made = await json<{ schema: string; result: Report }[]>(
    'all-tenants-command',
    '--',
    'create-user',
    '--username',
    'support',
    '--admin',
  );
  expect(made.map(({ schema }) => schema)).toEqual(['acme', 'other']);
  const passwords = made.map(({ result }) => result.password);
  expect(new Set(passwords).size).toBe(2);
  await acme.login('support', passwords[0]);
});

it.each([
  ['create-user acme', 'The user needs a name: --username <name>.'],
  ['all-tenants-command -- create-user', 'The user needs a name: --username <name>.'],
  [
    'create-user acme --username .x',
    '--username must begin with a letter or digit, and contain only A-Z, a-z, 0-9 and . _ @ + -',
  ],
  ['create-user acme --username x --email y', '--email must be an email'],
  [
    'change-user acme --username x',
    'Give at least one change: --role, --new-password or --log-out.',
  ],
  ['create-tenant --name N --admin .x', expect.stringMatching(/^--admin must begin with /)],
])('reports wrong usage for %j without a database', async (line, message) => {
  const { code, out, err } = await runHosted(line.split(' '), NO_DATABASE);
  expect({ code, out, err: err.trimEnd() }).toEqual({ code: 2, out: '', err: message });
});

it.each([
  'create-user acme --username x --password secret',
  'change-user acme --log-out',
  'create-user nowhere --username x',
  'change-user acme --username unknown --log-out',
])('takes %j for wrong usage', async (line) => {
  const { code, out } = await cli(...line.split(' '));
  expect({ code, out }).toEqual({ code: 2, out: '' });
});

it.each([
  ['change-user acme --username ada --role', 'king'],
  ['change-user acme --username ada --log-out --role', ''],
  ['change-user acme --username ada --role', 'Admin'],
  ['tenant-command acme -- change-user --username ada --role', 'king'],
  ['all-tenants-command -- change-user --username ada --role', 'king'],
])('refuses a role before it opens the database: %s %j', async (line, role) => {
  const outcome = await runHosted([...line.split(' '), role], NO_DATABASE);
  expect(outcome).toEqual({
    code: 2,
    out: '',
    err: `--role must be one of the following values: member, admin (got "${role}")\n`,
  });
});

it('changes role and password, and logs out everywhere with each', async () => {
  const { password } = await json<Report>('create-user', 'acme', '--username', 'joan');
  const before = await acme.login('joan', password);
  const changed = await json<Report>(
    'change-user',
    'acme',
    '--username',
    'JOAN',
    '--role',
    'admin',
    '--new-password',
  );
  expect(changed).toMatchObject({ username: 'joan', role: 'admin' });
  while ((await before.send('GET', '/users/me')).status !== 401) await new Promise(setImmediate);
  await expect(acme.login('joan', password)).rejects.toThrow('No login');
  const after = await acme.login('joan', changed.password);
  expect((await after.send('GET', '/users/me')).body).toMatchObject({ role: 'admin' });
  expect(await cli('change-user', 'acme', '--username', 'joan', '--log-out')).toEqual({
    code: 0,
    out: 'Changed admin "joan", and logged them out everywhere.\n',
    err: '',
  });
  while ((await after.send('GET', '/users/me')).status !== 401) await new Promise(setImmediate);
  await acme.login('joan', changed.password);
});

it('asks for a new password on a terminal', async () => {
  await cli('create-user', 'acme', '--username', 'mary');
  const terminal = onTerminal('change-user', 'acme', '--username', 'mary', '--new-password');
  await terminal.answer('Password: ', PASSWORD);
  await terminal.answer('Password again: ', PASSWORD);
  expect((await terminal.ended).code).toBe(0);
  await acme.login('mary', PASSWORD);
});

it('creates a tenant with its first admin', async () => {
  const { tenant_uuid, admin } = await json<{ tenant_uuid: string; admin: Report }>(
    'create-tenant',
    '--name',
    'Pollsmaster',
    '--access',
    'members',
    '--admin',
    'root',
  );
  const client = new TenantClient(application, tenant_uuid);
  expect((await client.send('GET', '/polls')).status).toBe(401);
  const root = await client.login('root', admin.password);
  expect((await root.send('GET', '/users/me')).body).toEqual({
    id: 1,
    username: 'root',
    email: null,
    role: 'admin',
  });
});

it('asks for the password of the first admin when all else is answered', async () => {
  const terminal = onTerminal('create-tenant', '--name', 'Asked', '--admin', 'root');
  await terminal.answer('Paid until (YYYY-MM-DD, empty: never expires): ', '');
  await terminal.answer('Schema name [asked]: ', '');
  await terminal.answer('On trial (y/n) [n]: ', '');
  await terminal.answer('Password: ', PASSWORD);
  await terminal.answer('Password again: ', PASSWORD);
  await terminal.shows('Created admin "root".');
  const { code, screen } = await terminal.ended;
  expect([code, screen.includes(PASSWORD)]).toEqual([0, false]);
});

it('leaves no tenant whose first admin cannot be stored', async () => {
  await database.sql(`ALTER TABLE public.clients ADD CHECK (name <> 'Never')`);
  const { code } = await cli('create-tenant', '--name', 'Never', '--admin', 'root');
  expect(code).toBe(2);
  expect(await database.sql(`SELECT FROM pg_namespace WHERE nspname = 'never'`)).toEqual([]);
});
