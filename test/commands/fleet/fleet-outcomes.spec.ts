// migrate-schemas on one small fleet: which schemas it takes, what it prints as lines and as JSON, and what it
// exits with when some fail.
import { MIGRATIONS_TABLE } from 'nest-tenant-schemas';
import type { Outcome } from '../../support/processes.js';
import { type Fleet, linesOf, openFleet, TENANT } from './fleet-support.js';

let fleet: Fleet;

beforeAll(async () => {
  fleet = await openFleet();
});

beforeEach(() => fleet.create('one', 'two'));

afterEach(() => fleet.clear());

afterAll(() => fleet?.close());

/** Makes every migration of a schema fail: its tables are there, its migrations table does not know. */
async function breakSchema(schema: string): Promise<void> {
  await fleet.database.sql(
    `DELETE FROM ${schema}.${MIGRATIONS_TABLE}; COMMENT ON TABLE ${schema}.${MIGRATIONS_TABLE} IS NULL`,
  );
}

const lineOf = (schema: string, done: string): string => `${schema}: ${done} (N ms)`;

/** Its lines sorted: each comes when its schema is done. */
const lines = ({ out }: Outcome): string[] => linesOf(out).toSorted();

it.each([
  [[], ['public', 'one', 'two']],
  [['--shared'], ['public']],
  [['--tenant'], ['one', 'two']],
  [
    ['--shared', '--tenant'],
    ['public', 'one', 'two'],
  ],
  [['--schema', 'two'], ['two']],
  [
    ['--schema', 'two', '--schema', 'one'],
    ['one', 'two'],
  ],
  [
    ['--shared', '--schema', 'two'],
    ['public', 'two'],
  ],
])('with %j takes %j', async (flags, taken) => {
  const outcome = await fleet.cli('migrate-schemas', ...flags);
  expect({ code: outcome.code, err: outcome.err }).toEqual({ code: 0, err: '' });
  expect(lines(outcome)).toEqual(taken.map((schema) => lineOf(schema, 'up to date')).toSorted());
});

it('migrates what is behind, names it, and exits 0', async () => {
  await fleet.forget('one');
  const outcome = await fleet.cli('migrate-schemas');
  expect({ code: outcome.code, err: outcome.err }).toEqual({ code: 0, err: '' });
  expect(lines(outcome)).toEqual([
    lineOf('one', `applied ${TENANT.join(', ')}`),
    lineOf('public', 'up to date'),
    lineOf('two', 'up to date'),
  ]);
  expect((await fleet.cli('migrations-status')).code).toBe(0);
});

it.each(['migrate-schemas', 'migrations-status'])(
  '%s takes schemas that no tenant has for wrong usage, and touches none',
  async (command) => {
    await fleet.forget('one');
    const flags = ['--schema', 'one', 'nobodys', '--schema', 'public', '--json'];
    expect(await fleet.cli(command, ...flags)).toEqual({
      code: 2,
      out: '',
      err: 'No tenant has the schema nobodys, public.\n',
    });
    expect((await fleet.cli('migrations-status', '--schema', 'one')).code).toBe(1);
  },
);

it('reports earlier results before it fails for a schema without a tenant', async () => {
  const flags = ['--shared', '--schema', 'nobodys', '--json'];
  const { code, out, err } = await fleet.cli('migrate-schemas', ...flags);
  expect({ code, err }).toEqual({ code: 2, err: 'No tenant has the schema nobodys.\n' });
  expect(JSON.parse(out)).toMatchObject([{ schema: 'public', status: 'skipped' }]);
});

it('goes on after a failure, and names up to five at the end', async () => {
  const failing = ['f1', 'f2', 'f3', 'f4', 'f5', 'f6', 'f7'];
  for (const schema of failing) {
    await fleet.create(schema);
    await breakSchema(schema);
  }
  const outcome = await fleet.cli('migrate-schemas');
  expect({ code: outcome.code, lines: lines(outcome) }).toEqual({
    code: 1,
    lines: ['one', 'public', 'two'].map((schema) => lineOf(schema, 'up to date')),
  });
  const problems = outcome.err.split('\n').slice(0, -1);
  expect(
    problems
      .slice(0, -1)
      .map((line) => line.split(':')[0])
      .toSorted(),
  ).toEqual(failing);
  expect(problems.at(-1)).toBe(
    'Failed: f1, f2, f3, f4, f5 and 2 more. Correct the cause, and run the command again.',
  );

  const { code, out, err } = await fleet.cli('migrate-schemas', '--json');
  expect({ code, err }).toEqual({ code: 1, err: `${problems.at(-1)}\n` });
  const results = JSON.parse(out) as { schema: string; status: string; error: string | null }[];
  const failed = results.filter(({ status }) => status === 'failed');
  expect(failed.map(({ schema }) => schema).toSorted()).toEqual(failing);
  expect(results.find(({ schema }) => schema === 'one')).toEqual({
    schema: 'one',
    status: 'skipped',
    versions: [],
    durationMs: expect.any(Number),
    error: null,
  });
});
