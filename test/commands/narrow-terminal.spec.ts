// On a terminal of 50 columns, what commands print about many tenants breaks between words.
import { runHosted } from '../support/hosted-commands.js';
import { createTestDatabase, type TestDatabase } from 'test-support/test-database.js';
import { startOnTerminal } from '../support/terminal.js';

const COLUMNS = 50;

let database: TestDatabase;
let environment: Record<string, string>;

beforeAll(async () => {
  database = await createTestDatabase();
  environment = { DATABASE_URL: database.url };
  await runHosted(['create-tenant', '--name', 'Acme GmbH', '--schema', 'acme'], environment);
  await database.sql(`INSERT INTO acme.polls (question) VALUES ('Which tea do we drink at four?')`);
});

afterAll(() => database?.drop());

async function linesOf(command: string[], columns = COLUMNS): Promise<string[]> {
  const { screen } = await startOnTerminal(command, environment, { columns }).ended;
  return screen.trimEnd().split('\n');
}

const tooLong = (lines: readonly string[]): string[] =>
  lines.filter(({ length }) => length > COLUMNS);

it('lists tenants below each other, and as a table on a wide terminal', async () => {
  expect(tooLong(await linesOf(['list-tenants']))).toEqual([]);
  expect(await linesOf(['list-tenants'])).toEqual([
    'Acme GmbH',
    '  SCHEMA      acme',
    expect.stringMatching(/^ {2}UUID {8}[\da-f-]{36}$/),
    '  PAID UNTIL  never expires',
    '  ON TRIAL    no',
    '  ACCESS      open',
    '  SUSPENDED   no',
  ]);
  const wide = await linesOf(['list-tenants'], 120);
  expect(wide).toHaveLength(2);
});

it('breaks the line of polls-report', async () => {
  const lines = await linesOf(['polls-report', 'acme']);
  expect(tooLong(lines)).toEqual([]);
  expect(lines.length).toBeGreaterThan(1);
  expect(lines.map((line) => line.trim()).join(' ')).toMatch(
    /^polls: 1, choices: 0, newest: "Which tea do we drink at four\?" of \d{4}-\d\d-\d\d$/,
  );
});

it('breaks the lines of migrations-status and doctor', async () => {
  await runHosted(['revert-schemas', '--schema', 'acme', '--steps', '3'], environment);
  const status = await linesOf(['migrations-status']);
  expect(tooLong(status.filter((line) => !line.startsWith('Behind:')))).toEqual([]);
  expect(status).toContain('  CreateUsers1795532275114, AddVotes1795532304382');
  const findings = await linesOf(['doctor', '--schema', 'acme']);
  // A remedy may be a command, which stays on one line so that it can be copied.
  const isRemedy = (line: string): boolean => line.startsWith('  tenant-schemas ');
  expect(tooLong(findings.filter((line) => !isRemedy(line)))).toEqual([]);
  expect(findings[0]).toMatch(/^acme: SCHEMA_BEHIND: 3 migrations are pending:$/);
});

it.each([[['--help']], [['create-tenant', '--help']], [['adopt-schema', '--help']]])(
  'wraps the help of %j',
  async (command) => {
    const [, ...belowUsage] = await linesOf(command);
    expect(tooLong(belowUsage)).toEqual([]);
  },
);

it('lists the first sentence about each command', async () => {
  const lines = await linesOf(['--help'], 120);
  expect(lines).toContain(
    '  delete-tenant        Deletes a tenant permanently: its row, its schema and all its data.',
  );
});
