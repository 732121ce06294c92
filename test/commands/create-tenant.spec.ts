// create-tenant without a terminal: flags and defaults, wrong usage before any database, and the whole
// tenant or nothing of it when a signal ends the process in the middle.
import pg from 'pg';
import { runHosted } from '../support/hosted-commands.js';
import { type Outcome, runCommand, startCommand } from '../support/processes.js';
import { createTestDatabase, type TestDatabase } from 'test-support/test-database.js';
import { until } from 'test-support/poll.js';
import { traces } from '../schemas/support.js';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** An address without a server. A command that opens the database fails there. */
const NO_DATABASE = { DATABASE_URL: 'postgres://unknown@127.0.0.1:1/none' };

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});

afterAll(() => database?.drop());

function createTenant(flags: string[], env: Record<string, string> = {}): Promise<Outcome> {
  return runHosted(['create-tenant', ...flags], { DATABASE_URL: database.url, ...env });
}

it('needs a name only, migrates the shared schema, and prints the tenant as one document', async () => {
  const { code, out, err } = await createTenant(['--name', 'Acme GmbH', '--json']);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(JSON.parse(out)).toEqual({
    tenant_uuid: expect.stringMatching(UUID),
    tenant_name: 'Acme GmbH',
    schema_name: 'acme_gmbh',
    paid_until: null,
    on_trial: false,
    access: 'open',
    suspended: false,
    created_on: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
  });
});

it("shows the line to try with the environment's own address and header", async () => {
  const { out } = await createTenant(['--name', 'Elsewhere'], {
    HOST: '0.0.0.0',
    PORT: '8080',
    TENANT_HEADER: 'X-Tenant',
  });
  expect(out).toMatch(/^ {2}curl -H 'X-Tenant: [0-9a-f-]{36}' http:\/\/127\.0\.0\.1:8080\/polls$/m);
});

it('warns on stderr of a schema name that a rename would be refused for', async () => {
  await database.sql(
    `CREATE FUNCTION public.totals() RETURNS int LANGUAGE sql SET search_path TO reports AS 'SELECT 1'`,
  );
  const { code, err } = await createTenant(['--name', 'Reports']);
  expect({ code, err }).toEqual({
    code: 0,
    err: 'Warning: the schema name "reports" also occurs in function public.totals(). Renaming this tenant will need --force.\n',
  });
  await database.sql('DROP FUNCTION public.totals()');
  expect((await createTenant(['--name', 'Member', '--schema', 'member'])).err).toBe('');
});

it('warns on stderr of a day that is past, and creates the tenant', async () => {
  const flags = ['--name', 'Past', '--paid-until', '2020-05-30', '--on-trial', 'y', '--json'];
  const { code, out, err } = await createTenant(flags);
  expect({ code, err, paid: (JSON.parse(out) as { paid_until: string }).paid_until }).toEqual({
    code: 0,
    err: 'Warning: 2020-05-30 is in the past, so the tenant is expired when its trial ends.\n',
    paid: '2020-05-30',
  });
});

it('does not take what is piped in for answers', async () => {
  const answers = 'Piped\n2030-05-30\npiped\nn\n';
  expect(await runCommand(['create-tenant'], NO_DATABASE, answers)).toEqual({
    code: 2,
    out: '',
    err: 'The tenant needs a name: --name <name>.\n',
  });
});

it('reports all invalid options by name, before it opens the database', async () => {
  const flags = ['--name', '', '--schema', 'Select', '--paid-until', '2030-02-30'];
  expect(await createTenant(flags, NO_DATABASE)).toEqual({
    code: 2,
    out: '',
    err: [
      '--name must not be blank',
      '--schema must start with a letter a-z or _ and contain only a-z, 0-9 and _ (lower case)',
      '--paid-until must be a date, written YYYY-MM-DD',
      '',
    ].join('\n'),
  });
});

it.each([
  [['--on-trial', 'maybe'], '--on-trial must be y, yes, true, n, no or false (got "maybe")'],
  [['--on-trial'], "error: option '--on-trial <y/n>' argument missing"],
  [['--access', 'closed'], '--access must be one of the following values: open, members'],
  [['--name', ' Acme'], '--name must not begin or end with a space'],
  ...['a\x07b', 'a\nb', 'a\r\nb', 'a\tb', 'a\u0085b', 'a\u2028b', 'a\u202Eb'].map(
    (name): [string[], string] => [['--name', name], '--name must not contain control characters'],
  ),
])('reports wrong usage for %j before it opens the database', async (flags, message) => {
  expect(await createTenant(flags, NO_DATABASE)).toEqual({ code: 2, out: '', err: `${message}\n` });
});

it('warns of a tenant for members only without an admin, and names the command that creates one', async () => {
  expect(await createTenant(['--name', 'Club', '--access', 'members', '--json'])).toMatchObject({
    code: 0,
    err:
      'Warning: no user can register in this tenant, and it has no admin yet. Create one: ' +
      'tenant-schemas create-user club --admin\n',
  });
  expect(
    await createTenant(['--name', 'Guild', '--access', 'members', '--admin', 'ada', '--json']),
  ).toMatchObject({ code: 0, err: '' });
});

it.each([
  ['name', ['--name', 'TWICE', '--schema', 'other'], 'The tenant name "TWICE" is taken.'],
  ['schema', ['--name', 'Other', '--schema', 'twice'], 'The schema "twice" is taken.'],
])('fails for a %s that is taken, with nothing on stdout', async (_what, flags, message) => {
  await createTenant(['--name', 'Twice']);
  expect(await createTenant([...flags, '--json'])).toEqual({
    code: 1,
    out: '',
    err: `${message} Choose another one.\n`,
  });
  expect((await traces(database)).filter((trace) => trace.endsWith('other'))).toEqual([]);
});

describe('interrupted while it creates', () => {
  const KEY = 42;
  const LOCKS = { schema: `hashtextextended('tenant-schemas:held', 0)`, row: String(KEY) };

  beforeAll(async () => {
    await createTenant(['--name', 'First']);
    await database.sql(
      `CREATE FUNCTION public.wait() RETURNS trigger LANGUAGE plpgsql
         AS 'BEGIN PERFORM pg_advisory_xact_lock(${KEY}); RETURN NULL; END';
       CREATE TRIGGER wait AFTER INSERT ON public.clients EXECUTE FUNCTION public.wait()`,
    );
  });

  it.each([
    ['SIGINT', 'before its first change', LOCKS.schema, 130],
    ['SIGINT', 'after its row was inserted', LOCKS.row, 130],
    ['SIGTERM', 'after its row was inserted', LOCKS.row, 143],
  ] as const)('by %s %s, leaves nothing', async (signal, _when, lock, code) => {
    const before = await traces(database);
    const holder = new pg.Client({ connectionString: database.directUrl });
    await holder.connect();
    await holder.query(`SELECT pg_advisory_lock(${lock})`);
    const command = startCommand(['create-tenant', '--name', 'Held'], {
      DATABASE_URL: database.url,
    });
    try {
      const backend = await until('the command waits', async () => {
        const waiting = await database.sql<{ pid: number }>(
          `SELECT pid FROM pg_stat_activity
           WHERE datname = current_database() AND wait_event = 'advisory'`,
        );
        return waiting[0];
      });
      command.process.kill(signal);
      expect(await command.ended).toEqual({ code, out: '', err: '' });
      await holder.query(`SELECT pg_advisory_unlock(${lock})`);
      await until('its backend is gone', async () => {
        const alive = await database.sql('SELECT FROM pg_stat_activity WHERE pid = $1', [
          backend.pid,
        ]);
        return alive.length === 0;
      });
    } finally {
      command.process.kill('SIGKILL');
      await holder.end();
    }
    expect(await traces(database)).toEqual(before);
  });
});
