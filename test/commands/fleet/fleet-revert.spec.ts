// revert-schemas: the reverted schemas and migrations, and its report of failures.
import { MIGRATIONS_TABLE } from 'nest-tenant-schemas';
import { runHosted } from '../../support/hosted-commands.js';
import { type Fleet, linesOf, openFleet, TABLES, TENANT } from './fleet-support.js';

const UNREACHABLE = { DATABASE_URL: 'postgres://unknown@127.0.0.1:1/none' };
const EITHER = 'Give either --all or --schema <schema...>.';
const LAST = TENANT.at(-1);
const EVERY = String(TENANT.length);

let fleet: Fleet;

beforeAll(async () => {
  fleet = await openFleet();
});

beforeEach(() => fleet.create('one', 'two'));

afterEach(() => fleet.clear());

afterAll(() => fleet?.close());

it.each([
  [[], EITHER],
  [['--steps', '2'], EITHER],
  [['--all', '--schema', 'one'], EITHER],
  [['--all', '--steps', '0'], '--steps must be a whole number from 1 to 1000 (got "0")'],
  [['--all', '--steps', 'all'], '--steps must be a whole number from 1 to 1000 (got "all")'],
])('reports wrong usage for %j without a database', async (flags, message) => {
  expect(await runHosted(['revert-schemas', ...flags], UNREACHABLE)).toEqual({
    code: 2,
    out: '',
    err: `${message}\n`,
  });
});

it('takes the last migration of the chosen tenants back, and leaves the others', async () => {
  const { code, out, err } = await fleet.cli('revert-schemas', '--schema', 'two');
  expect({ code, err, out: linesOf(out) }).toEqual({
    code: 0,
    err: '',
    out: [`two: reverted ${LAST} (N ms)`],
  });
  expect(await fleet.tables('one')).toEqual(TABLES);
  expect((await fleet.cli('migrations-status', '--schema', 'two')).out).toBe(
    `two: ${TENANT.length - 1} applied, 1 pending: ${LAST}\n`,
  );
});

it('takes every tenant back by as many steps as it has, and says so as JSON', async () => {
  const result = (schema: string, status: string, versions: string[]): object => ({
    schema,
    status,
    versions,
    durationMs: expect.any(Number),
    error: null,
  });
  await fleet.cli('revert-schemas', '--schema', 'one', '--steps', '1000');
  const { code, out, err } = await fleet.cli('revert-schemas', '--all', '--steps', EVERY, '--json');
  const results = JSON.parse(out) as { schema: string }[];
  expect({
    code,
    err,
    results: results.toSorted((a, b) => (a.schema < b.schema ? -1 : 1)),
  }).toEqual({
    code: 0,
    err: '',
    results: [result('one', 'skipped', []), result('two', 'reverted', TENANT.toReversed())],
  });
  expect(await fleet.tables('two')).toEqual([MIGRATIONS_TABLE]);
  const again = await fleet.cli('revert-schemas', '--schema', 'two');
  expect({ ...again, out: linesOf(again.out) }).toEqual({
    code: 0,
    out: ['two: nothing to revert (N ms)'],
    err: '',
  });
  expect(await fleet.cli('migrate-schemas')).toMatchObject({ code: 0, err: '' });
});

it('says after a single step that it can be run again', async () => {
  await fleet.database.sql('ALTER TABLE one.votes RENAME TO votes_of_old');
  const { code, err } = await fleet.cli('revert-schemas', '--all');
  expect({ code, last: linesOf(err).at(-1) }).toEqual({
    code: 1,
    last: 'Failed: one. Correct the cause, and run the command again.',
  });
  await fleet.database.sql('ALTER TABLE one.votes_of_old RENAME TO votes');
  const again = await fleet.cli('revert-schemas', '--all');
  expect({ code: again.code, out: linesOf(again.out).toSorted() }).toEqual({
    code: 0,
    out: [`one: reverted ${LAST} (N ms)`, 'two: nothing to revert (N ms)'],
  });
});

it('leaves a tenant as it is that has not got the migration, as after a run that was broken off', async () => {
  await fleet.cli('revert-schemas', '--schema', 'one');
  const { code, out } = await fleet.cli('revert-schemas', '--all');
  expect({ code, out: linesOf(out).toSorted() }).toEqual({
    code: 0,
    out: ['one: nothing to revert (N ms)', `two: reverted ${LAST} (N ms)`],
  });
});

it('goes on after a failure, and says what to do', async () => {
  await fleet.database.sql('CREATE VIEW one.report AS SELECT id FROM one.polls');
  const { code, out, err } = await fleet.cli('revert-schemas', '--all', '--steps', EVERY);
  expect({ code, out: linesOf(out), err: linesOf(err) }).toEqual({
    code: 1,
    out: [`two: reverted ${TENANT.toReversed().join(', ')} (N ms)`],
    err: [
      expect.stringMatching(/^one: Migration CreatePolls\d+ failed in schema "one": cannot drop /),
      'Failed: one. Correct the cause, and revert only these with --schema.',
    ],
  });
});

it('takes a schema that no tenant has for wrong usage, and touches none', async () => {
  expect(await fleet.cli('revert-schemas', '--schema', 'one', 'nobodys')).toEqual({
    code: 2,
    out: '',
    err: 'No tenant has the schema nobodys.\n',
  });
  expect(await fleet.tables('one')).toEqual(TABLES);
});
