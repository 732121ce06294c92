// polls-report, tenant-command and all-tenants-command as a user runs them: plain repositories in the right
// tenant, wrong usage without a database, and failures of some tenants that do not stop the others.
import type { DataSource } from 'typeorm';
import { tenantMigrations } from '../../src/database/migrations/tenant/index.js';
import { newClient, openSchemas, type Schemas, schemasOf } from '../schemas/support.js';
import { runHosted } from '../support/hosted-commands.js';
import type { Outcome } from '../support/processes.js';
import type { TestDatabase } from 'test-support/test-database.js';

/** An address without a server. A command that opens the database fails there. */
const NO_DATABASE = { DATABASE_URL: 'postgres://unknown@127.0.0.1:1/none' };

const BUSY = 'polls: 2, choices: 3, newest: "Newest?" of 2026-02-01';
const EMPTY = 'polls: 0, choices: 0, newest: none';
const BUSY_REPORT = {
  polls: 2,
  choices: 3,
  newest: { question: 'Newest?', pub_date: '2026-02-01T12:00:00.000Z' },
};
const EMPTY_REPORT = { polls: 0, choices: 0, newest: null };

let database: TestDatabase;
let dataSource: DataSource;
let schemas: Schemas;

beforeAll(async () => {
  ({ database, dataSource } = await openSchemas());
  schemas = schemasOf(dataSource, tenantMigrations);
  for (const schema of ['busy', 'empty']) await schemas.provisioner.create(newClient(schema));
  await database.sql(
    `INSERT INTO busy.polls (question, pub_date)
       VALUES ('Newest?', '2026-02-01T12:00:00Z'), ('Older?', '2026-01-01T12:00:00Z');
     INSERT INTO busy.choices (poll_id, choice_text)
       SELECT id, text FROM busy.polls, unnest(ARRAY['a', 'b']) AS text
       WHERE question = 'Newest?' OR text = 'a'`,
  );
});

afterAll(async () => {
  await dataSource?.destroy();
  await database?.drop();
});

function cli(...args: string[]): Promise<Outcome> {
  return runHosted(args, { DATABASE_URL: database.url });
}

it.each([
  ['polls-report busy', BUSY],
  ['polls-report empty', EMPTY],
  ['tenant-command busy -- polls-report', BUSY],
  ['tenant-command empty polls-report', EMPTY],
])('%s reports on that tenant', async (line, message) => {
  expect(await cli(...line.split(' '))).toEqual({ code: 0, out: `${message}\n`, err: '' });
});

it.each([
  'polls-report busy --json',
  'tenant-command busy -- polls-report --json',
  'tenant-command --json busy -- polls-report',
])('%s prints one JSON document', async (line) => {
  const { code, out, err } = await cli(...line.split(' '));
  expect({ code, err, report: JSON.parse(out) as unknown }).toEqual({
    code: 0,
    err: '',
    report: BUSY_REPORT,
  });
});

it('works in a tenant that is suspended', async () => {
  await database.sql(`UPDATE public.clients SET suspended = schema = 'busy'`);
  expect(await cli('polls-report', 'busy')).toEqual({ code: 0, out: `${BUSY}\n`, err: '' });
});

it("runs in every tenant, in the order of their schemas' names", async () => {
  expect(await cli('all-tenants-command', '--', 'polls-report')).toEqual({
    code: 0,
    out: `busy: ${BUSY}\nempty: ${EMPTY}\n`,
    err: '',
  });
});

it.each([
  'all-tenants-command --json -- polls-report',
  'all-tenants-command -- polls-report --json',
])('%s prints one JSON document for all', async (line) => {
  const { code, out, err } = await cli(...line.split(' '));
  expect({ code, err, results: JSON.parse(out) as unknown }).toEqual({
    code: 0,
    err: '',
    results: [
      { schema: 'busy', result: BUSY_REPORT },
      { schema: 'empty', result: EMPTY_REPORT },
    ],
  });
});

it.each([
  ['tenant-command busy', "error: missing required argument 'command'"],
  ['tenant-command busy -- list-tenants', 'list-tenants'],
  ['tenant-command busy -- tenant-command busy -- polls-report', 'tenant-command'],
  ['all-tenants-command -- delete-tenant --force', 'delete-tenant'],
  ['all-tenants-command -- nonsense', 'nonsense'],
  ['tenant-command busy -- polls-report --loud', "error: unknown option '--loud'"],
  ['all-tenants-command polls-report --loud', "error: unknown option '--loud'"],
  [
    'all-tenants-command -- polls-report busy',
    "error: too many arguments for 'polls-report'. Expected 0 arguments but got 1.",
  ],
])('reports wrong usage for %j without a database', async (line, message) => {
  expect(await runHosted(line.split(' '), NO_DATABASE)).toEqual({
    code: 2,
    out: '',
    err: message.startsWith('error:')
      ? `${message}\n`
      : `"${message}" cannot run in a tenant. Commands that can: change-user, create-user, polls-report.\n`,
  });
});

it('goes on after a failure, and names up to five at the end', async () => {
  const failing = ['f1', 'f2', 'f3', 'f4', 'f5', 'f6', 'f7'];
  for (const schema of failing) {
    await schemas.provisioner.create(newClient(schema));
    await database.sql(`DROP TABLE ${schema}.choices CASCADE`);
  }
  const failed = 'Failed: f1, f2, f3, f4, f5 and 2 more.\n';
  const { code, out, err } = await cli('all-tenants-command', '--', 'polls-report');
  expect({ code, out }).toEqual({ code: 1, out: `busy: ${BUSY}\nempty: ${EMPTY}\n` });
  const problemIn = (schema: string): string => `relation "${schema}.choices" does not exist`;
  const problems = failing.map((schema) => `${schema}: ${problemIn(schema)}\n`);
  expect(err).toBe(problems.join('') + failed);

  const asJson = await cli('all-tenants-command', '--json', '--', 'polls-report');
  expect({ code: asJson.code, err: asJson.err }).toEqual({ code: 1, err: failed });
  expect(JSON.parse(asJson.out)).toEqual([
    { schema: 'busy', result: BUSY_REPORT },
    { schema: 'empty', result: EMPTY_REPORT },
    ...failing.map((schema) => ({ schema, error: problemIn(schema) })),
  ]);
});
