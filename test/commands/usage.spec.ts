// What every command has in common: exit codes, help and wrong usage without a database, problems on stderr
// in words, and readers that close the pipe.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { sharedMigrations } from '../../src/database/migrations/shared/index.js';
import { runHosted } from '../support/hosted-commands.js';
import { runCommand, startCommand } from '../support/processes.js';
import { createTestDatabase, type TestDatabase } from 'test-support/test-database.js';

/** In the order of the help, with the arguments that each takes. */
const COMMANDS = [
  ['create-tenant', ''],
  ['list-tenants', ''],
  ['suspend-tenant', ' <schema>'],
  ['resume-tenant', ' <schema>'],
  ['rename-tenant', ' <schema>'],
  ['clone-tenant', ' <schema>'],
  ['delete-tenant', ' <schema>'],
  ['migrate-schemas', ''],
  ['migrations-status', ''],
  ['revert-schemas', ''],
  ['doctor', ''],
  ['generate-migration', ' <name>'],
  ['init', ''],
  ['adopt-schema', ' <schema>'],
  ['tenant-command', ' <schema> <command...>'],
  ['all-tenants-command', ' <command...>'],
  ['polls-report', ' <schema>'],
  ['create-user', ' <schema>'],
  ['change-user', ' <schema>'],
] as const;
const SHARED = sharedMigrations.map(({ name }) => name);
const UNREACHABLE = { DATABASE_URL: 'postgres://unknown:secret@127.0.0.1:1/none' };

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});

afterAll(() => database?.drop());

it("prints the package's version", async () => {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
  expect(await runCommand(['--version'], UNREACHABLE)).toEqual({
    code: 0,
    out: `${version}\n`,
    err: '',
  });
});

it('lists every command in its help', async () => {
  const { code, out, err } = await runHosted(['--help'], UNREACHABLE);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  const listed = out.slice(out.indexOf('Commands:')).matchAll(/^ {2}([a-z-]+) /gm);
  expect([...listed].map(([, name]) => name)).toEqual([...COMMANDS.map(([name]) => name), 'help']);
});

it('takes no command at all for wrong usage, and says what there is', async () => {
  const { code, out, err } = await runCommand([], UNREACHABLE);
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).toBe((await runHosted(['--help'], UNREACHABLE)).out);
});

it.each(COMMANDS)('%s prints its help, without a database', async (command, takes) => {
  const { code, out, err } = await runHosted([command, '--help'], UNREACHABLE);
  expect({ code, err, usage: out.split('\n')[0] }).toEqual({
    code: 0,
    err: '',
    usage: `Usage: tenant-schemas ${command} [options]${takes}`,
  });
});

it.each([
  [['nonsense'], "error: unknown command 'nonsense'"],
  [['--nonsense'], "error: unknown option '--nonsense'"],
  [['list-tenants', '--nonsense'], "error: unknown option '--nonsense'"],
  [
    ['list-tenants', 'acme'],
    "error: too many arguments for 'list-tenants'. Expected 0 arguments but got 1.",
  ],
  [['migrate-schemas', '--schema'], "error: option '--schema <schema...>' argument missing"],
])('reports wrong usage for %j without a database', async (args, message) => {
  expect(await runHosted(args, UNREACHABLE)).toEqual({ code: 2, out: '', err: `${message}\n` });
});

it('reports all invalid environment variables', async () => {
  const env = { PORT: 'x', LOG_LEVEL: 'loud', DATABASE_URL: 'secret' };
  expect(await runCommand(['list-tenants', '--json'], env)).toEqual({
    code: 1,
    out: '',
    err: [
      'PORT must be a whole number from 0 to 65535 (got "x")',
      'DATABASE_URL must be an address like postgres://user:password@host:5432/database (its value is not shown)',
      'LOG_LEVEL must be one of fatal, error, warn, log, debug, verbose (got "loud")',
      '',
    ].join('\n'),
  });
});

it('reports each attempt to reach the database, then the next action', async () => {
  const attempt = (count: number): string =>
    `The database cannot be reached (attempt ${count} of 5): connect ECONNREFUSED 127.0.0.1:1`;
  expect(await runCommand(['list-tenants', '--json'], UNREACHABLE)).toEqual({
    code: 1,
    out: '',
    err: [
      ...[1, 2, 3, 4, 5].map(attempt),
      'The database cannot be reached. Check DATABASE_URL, that the database server runs, and that it accepts this ' +
        'login. To use the embedded PostgreSQL, unset DATABASE_URL.',
      '',
    ].join('\n'),
  });
});

it.each([
  ['list-tenants'],
  ['migrate-schemas', '--tenant'],
  ['migrations-status', '--schema', 'x'],
])('%s %s says in words that nothing has been migrated yet', async (...args) => {
  expect(await runHosted([...args, '--json'], { DATABASE_URL: database.url })).toEqual({
    code: 1,
    out: '',
    err:
      `The shared schema is behind (${SHARED.length} pending: ${SHARED.join(', ')}). ` +
      'Run: tenant-schemas migrate-schemas --shared\n',
  });
});

it('says what is wrong with a database that it refuses, and ends', async () => {
  await database.sql('CREATE SCHEMA __tenant__');
  try {
    const { code, out, err } = await runCommand(['list-tenants'], { DATABASE_URL: database.url });
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toContain('must not have a schema named __tenant__');
    expect(err).not.toContain('    at ');
  } finally {
    await database.sql('DROP SCHEMA __tenant__');
  }
});

it('finishes its work if its output is not read', async () => {
  const command = startCommand(['migrate-schemas'], { DATABASE_URL: database.url });
  command.process.stdout?.destroy();
  command.process.stderr?.destroy();
  const [code] = (await once(command.process, 'exit')) as [number];
  expect(code).toBe(0);
  expect(await database.sql('SELECT FROM public.clients')).toEqual([]);
});
