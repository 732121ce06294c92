// delete-tenant: never without a word, from a terminal or by --force, and the whole tenant.
import pg from 'pg';
import type { DataSource } from 'typeorm';
import { tenantMigrations } from '../../../src/database/migrations/tenant/index.js';
import { newClient, openSchemas, type Schemas, schemasOf, traces } from '../../schemas/support.js';
import { runHosted } from '../../support/hosted-commands.js';
import { type Outcome, runCommand, startCommand } from '../../support/processes.js';
import { startOnTerminal, type Terminal } from '../../support/terminal.js';
import type { TestDatabase } from 'test-support/test-database.js';
import { untilWaiting } from '../../support/until-waiting.js';

/** An address without a server. A command that opens the database fails there. */
const NO_DATABASE = { DATABASE_URL: 'postgres://unknown@127.0.0.1:1/none' };

const QUESTION =
  'This deletes tenant "Acme GmbH" with all its data. To confirm, type its schema name (acme): ';
const DELETED = 'Deleted tenant "Acme GmbH" with its schema acme.\n';
const UNASKED =
  'Schema "acme" was not deleted, because the command cannot ask for confirmation here. ' +
  'To delete the tenant with all its data, add --force.\n';

let database: TestDatabase;
let dataSource: DataSource;
let schemas: Schemas;
let withoutAcme: readonly string[];
let withAcme: readonly string[];

beforeAll(async () => {
  ({ database, dataSource } = await openSchemas());
  schemas = schemasOf(dataSource, tenantMigrations);
  await schemas.provisioner.create(newClient('other'));
});

beforeEach(async () => {
  withoutAcme = await traces(database);
  await schemas.provisioner.create(newClient('acme', 'Acme GmbH'));
  withAcme = await traces(database);
});

afterEach(async () => {
  for await (const client of schemas.registry.all()) {
    if (client.schema !== 'other') await schemas.provisioner.drop(client);
  }
});

afterAll(async () => {
  await dataSource?.destroy();
  await database?.drop();
});

function deleteAcme(...flags: string[]): Promise<Outcome> {
  return runCommand(['delete-tenant', 'acme', ...flags], { DATABASE_URL: database.url }, 'acme\n');
}

function onTerminal(...flags: string[]): Terminal {
  return startOnTerminal(['delete-tenant', 'acme', ...flags], { DATABASE_URL: database.url });
}

it('deletes by force, without a terminal, the tenant and nothing else', async () => {
  expect(await deleteAcme('--force')).toEqual({ code: 0, out: DELETED, err: '' });
  expect(await traces(database)).toEqual(withoutAcme);
  expect(await deleteAcme('--force')).toEqual({
    code: 2,
    out: '',
    err: 'No tenant has the schema acme.\n',
  });
});

it('prints the tenant that it deleted as JSON', async () => {
  const { code, out, err } = await deleteAcme('--force', '--json');
  expect({ code, err, tenant: JSON.parse(out) as unknown }).toEqual({
    code: 0,
    err: '',
    tenant: expect.objectContaining({ tenant_name: 'Acme GmbH', schema_name: 'acme' }),
  });
  expect(await traces(database)).toEqual(withoutAcme);
});

it('takes what is piped in for no answer, and opens no database', async () => {
  const outcome = await runCommand(['delete-tenant', 'acme'], NO_DATABASE, 'acme\n');
  expect(outcome).toEqual({ code: 2, out: '', err: UNASKED });
});

it("asks for the schema's name on a terminal, and deletes the tenant", async () => {
  const terminal = onTerminal();
  await terminal.answer(QUESTION, 'acme');
  expect(await terminal.ended).toEqual({ code: 0, screen: `${QUESTION}acme\n${DELETED}` });
  expect(await traces(database)).toEqual(withoutAcme);
});

it('deletes by force without a question on a terminal', async () => {
  expect(await onTerminal('--force').ended).toEqual({ code: 0, screen: DELETED });
  expect(await traces(database)).toEqual(withoutAcme);
});

it('asks nothing when it prints JSON, and so needs the force', async () => {
  expect(await onTerminal('--json').ended).toEqual({ code: 2, screen: UNASKED });
  expect(await traces(database)).toEqual(withAcme);
});

it.each(['y', 'other', 'ACME', ''])('deletes nothing when the answer is %j', async (answer) => {
  const terminal = onTerminal();
  await terminal.answer(QUESTION, answer);
  expect(await terminal.ended).toEqual({
    code: 1,
    screen: `${QUESTION}${answer}\nThe answer was not "acme". Nothing was deleted.\n`,
  });
  expect(await traces(database)).toEqual(withAcme);
});

it.each([
  ['Ctrl-C', '\x03', 130],
  ['Ctrl-D', '\x04', 1],
])('deletes nothing when %s answers', async (_title, key, code) => {
  const terminal = onTerminal();
  await terminal.shows(QUESTION);
  terminal.type(key);
  expect((await terminal.ended).code).toBe(code);
  expect(await traces(database)).toEqual(withAcme);
});

it('deletes nothing if the schema belongs to another tenant when the answer comes', async () => {
  const terminal = onTerminal();
  await terminal.shows(QUESTION);
  await database.sql(`UPDATE public.clients SET id = gen_random_uuid() WHERE schema = 'acme'`);
  terminal.type('acme\r');
  expect(await terminal.ended).toEqual({
    code: 2,
    screen: `${QUESTION}acme\nSchema acme now belongs to another tenant.\n`,
  });
  expect(await traces(database)).toEqual(withAcme);
});

it('is refused for what depends on the schema elsewhere, and by --cascade deletes that as well', async () => {
  await database.sql(
    'CREATE SCHEMA reports; CREATE VIEW reports.polls AS SELECT id FROM acme.polls',
  );
  expect(await deleteAcme('--force')).toEqual({
    code: 1,
    out: '',
    err:
      'Schema "acme" was not dropped, because objects outside of it depend on it: view reports.polls. Drop or change ' +
      'them, and repeat the deletion. To drop them too: tenant-schemas delete-tenant --cascade.\n',
  });
  expect(await traces(database)).toEqual([...withAcme, 'schema reports'].toSorted());
  expect(await deleteAcme('--force', '--cascade')).toEqual({ code: 0, out: DELETED, err: '' });
  await database.sql('DROP SCHEMA reports');
  expect(await traces(database)).toEqual(withoutAcme);
});

it('is finished by the doctor when it was killed between the steps of a large schema', async () => {
  const [{ tables }] = (await database.sql(
    // Each takes more than 8 of a quarter of the locks, which one transaction may.
    `SELECT current_setting('max_locks_per_transaction')::int * current_setting('max_connections')::int / 32 AS tables`,
  )) as [{ tables: number }];
  await database.sql(
    `DO $$ BEGIN FOR n IN 1..${tables} LOOP
       EXECUTE format('CREATE TABLE acme.t%s (id serial PRIMARY KEY, text text DEFAULT %L)', n, '');
     END LOOP; END $$`,
  );
  const reader = new pg.Client({ connectionString: database.directUrl });
  await reader.connect();
  // The oldest table goes last.
  await reader.query('BEGIN; SELECT FROM acme.polls');
  const command = startCommand(['delete-tenant', 'acme', '--force'], {
    DATABASE_URL: database.url,
  });
  await untilWaiting(database);
  command.process.kill('SIGKILL');
  await command.ended;
  await reader.end();
  expect(await traces(database)).toEqual(withAcme.filter((trace) => trace !== 'row acme'));

  const doctor = (...flags: string[]): Promise<Outcome> =>
    runHosted(['doctor', ...flags], { DATABASE_URL: database.url });
  expect(await doctor()).toMatchObject({
    code: 1,
    out: expect.stringContaining('acme: DROP_BROKEN_OFF: The tenant was deleted'),
  });
  expect(await doctor('--fix')).toMatchObject({ code: 0, err: '' });
  expect(await traces(database)).toEqual(withoutAcme);
}, 120_000);
