// The flags of migrate-schemas: what it would send, what it only marks, how many schemas it takes at once and
// whether it goes on after a failure.
import { MIGRATIONS_TABLE } from 'nest-tenant-schemas';
import { runHosted } from '../../support/hosted-commands.js';
import { startCommand } from '../../support/processes.js';
import { untilWaiting } from '../../support/until-waiting.js';
import { type Fleet, linesOf, openFleet, TABLES, TENANT } from './fleet-support.js';

const UNREACHABLE = { DATABASE_URL: 'postgres://unknown@127.0.0.1:1/none' };
const NAMES = TENANT.join(', ');

let fleet: Fleet;

beforeAll(async () => {
  fleet = await openFleet();
});

beforeEach(async () => {
  await fleet.create('one', 'two');
  await fleet.forget('one', 'two');
});

afterEach(() => fleet.clear());

afterAll(() => fleet?.close());

it.each([
  [['--dry-run', '--fake'], 'Give either --dry-run or --fake, not both.'],
  ...['0', '65', '1.5', '-1', 'many', ''].map((value) => [
    ['--concurrency', value],
    `--concurrency must be a whole number from 1 to 64 (got "${value}")`,
  ]),
] as [string[], string][])(
  'reports wrong usage for %j without a database',
  async (flags, message) => {
    expect(await runHosted(['migrate-schemas', ...flags], UNREACHABLE)).toEqual({
      code: 2,
      out: '',
      err: `${message}\n`,
    });
  },
);

describe('--dry-run', () => {
  it('prints the SQL of each schema that is behind, and changes nothing', async () => {
    const { code, out, err } = await fleet.cli('migrate-schemas', '--dry-run');
    expect({ code, err, headers: out.match(/^--.*/gm) }).toEqual({
      code: 0,
      err: '',
      headers: ['one', 'two'].flatMap((schema) => TENANT.map((name) => `-- ${schema}: ${name}`)),
    });
    expect(await fleet.tables('one')).toEqual([]);
    await fleet.database.sql(out);
    expect({ one: await fleet.tables('one'), two: await fleet.tables('two') }).toEqual({
      one: ['choices', 'polls', 'users', 'votes'],
      two: ['choices', 'polls', 'users', 'votes'],
    });
  });

  it('prints the plan of the chosen schemas as one document', async () => {
    const flags = ['--schema', 'two', '--dry-run', '--json'];
    const { code, out, err } = await fleet.cli('migrate-schemas', ...flags);
    expect({ code, err, plan: JSON.parse(out) as unknown }).toEqual({
      code: 0,
      err: '',
      plan: [
        {
          schema: 'two',
          migrations: TENANT.map((name) => ({ name, statements: expect.any(Array) })),
        },
      ],
    });
    expect(out).toContain(String.raw`CREATE TABLE \"two\".\"polls\" (`);
  });

  it('says when there is nothing to do', async () => {
    expect(await fleet.cli('migrate-schemas', '--shared', '--dry-run')).toEqual({
      code: 0,
      out: '-- Nothing to do: every selected schema is up to date.\n',
      err: '',
    });
    expect(await fleet.cli('migrate-schemas', '--shared', '--dry-run', '--json')).toEqual({
      code: 0,
      out: '[]\n',
      err: '',
    });
  });
});

it('with --fake marks migrations as applied, and runs none', async () => {
  const { code, out, err } = await fleet.cli('migrate-schemas', '--schema', 'one', '--fake');
  expect({ code, err, out: linesOf(out) }).toEqual({
    code: 0,
    err: '',
    out: [`one: marked as applied without running: ${NAMES} (N ms)`],
  });
  expect(await fleet.tables('one')).toEqual([MIGRATIONS_TABLE]);
  expect((await fleet.cli('migrations-status', '--schema', 'one')).code).toBe(0);
});

it('with --fail-fast begins no other schema after a failure', async () => {
  await fleet.database.sql('CREATE TABLE one.polls ()');
  const flags = ['--tenant', '--concurrency', '1', '--fail-fast'];
  expect(await fleet.cli('migrate-schemas', ...flags)).toEqual({
    code: 1,
    out: '',
    err: [
      `one: Migration ${TENANT[0]} failed in schema "one": relation "polls" already exists. ` +
        'The schema is as it was before the migration.',
      'Failed: one. Correct the cause, and run the command again.',
      '',
    ].join('\n'),
  });
  expect(await fleet.tables('two')).toEqual([]);
});

it('takes as many schemas at once as --concurrency says, with a connection for each', async () => {
  const holds = [await fleet.hold('one'), await fleet.hold('two')];
  const command = startCommand(['migrate-schemas', '--concurrency', '2', '--json'], {
    ...fleet.env,
    DATABASE_POOL_SIZE: '1',
  });
  try {
    await untilWaiting(fleet.database, 2);
  } finally {
    for (const hold of holds) await hold.letGo();
  }
  expect(await command.ended).toMatchObject({ code: 0, err: '' });
  expect({ one: await fleet.tables('one'), two: await fleet.tables('two') }).toEqual({
    one: TABLES,
    two: TABLES,
  });
});
