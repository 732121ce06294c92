// Runs over many schemas that are broken off: Ctrl-C lets what has begun finish, a second one breaks it off, and
// after kill -9 a schema is before or after its migration, so that the next run does the rest.
import { until } from 'test-support/poll.js';
import { type RunningCommand, startCommand } from '../../support/processes.js';
import { startOnTerminal } from '../../support/terminal.js';
import { type Fleet, type Hold, linesOf, openFleet, TABLES, TENANT } from './fleet-support.js';

const MIGRATE_ONE_BY_ONE = ['migrate-schemas', '--tenant', '--concurrency', '1'];
const FINISHING = 'Waiting for running work (one). Interrupt again to stop it at once.';
const INTERRUPTED = 'Interrupted after 1 schema. Run the command again for the rest.';
const APPLIED = `one: applied ${TENANT.join(', ')} (N ms)`;

let fleet: Fleet;
let hold: Hold;

beforeAll(async () => {
  fleet = await openFleet();
});

beforeEach(async () => {
  await fleet.create('one', 'two');
  await fleet.forget('one', 'two');
  hold = await fleet.hold('one');
});

afterEach(async () => {
  await hold.letGo();
  await fleet.clear();
});

afterAll(() => fleet?.close());

/** Starts a command, and interrupts it while it migrates the first tenant. */
async function interrupt(signal: NodeJS.Signals, ...args: string[]): Promise<RunningCommand> {
  const command = startCommand(args, fleet.env);
  let err = '';
  command.process.stderr?.on('data', (chunk: Buffer) => (err += chunk.toString()));
  await hold.reached();
  command.process.kill(signal);
  await until('the command says that it ends', () => err === `${FINISHING}\n`);
  return command;
}

/** Waits until the server has given up a connection. */
async function gone(pid: number): Promise<void> {
  await until('the backend is gone', async () => {
    const alive = await fleet.database.sql('SELECT FROM pg_stat_activity WHERE pid = $1', [pid]);
    return alive.length === 0;
  });
}

it.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)(
  'finishes the running schemas after %s, and reports the results',
  async (signal, code) => {
    const { ended } = await interrupt(signal, ...MIGRATE_ONE_BY_ONE);
    await hold.letGo();
    const { out, ...rest } = await ended;
    expect({ ...rest, out: linesOf(out) }).toEqual({
      code,
      out: [APPLIED],
      err: `${FINISHING}\n${INTERRUPTED}\n`,
    });
    expect({ one: await fleet.tables('one'), two: await fleet.tables('two') }).toEqual({
      one: TABLES,
      two: [],
    });
  },
);

it('prints what was done as one document', async () => {
  const { ended } = await interrupt('SIGINT', ...MIGRATE_ONE_BY_ONE, '--json');
  await hold.letGo();
  const { code, out, err } = await ended;
  expect({ code, err, results: JSON.parse(out) as unknown }).toEqual({
    code: 130,
    err: `${FINISHING}\n${INTERRUPTED}\n`,
    results: [
      {
        schema: 'one',
        status: 'applied',
        versions: TENANT,
        durationMs: expect.any(Number),
        error: null,
      },
    ],
  });
});

it('breaks off what has begun when it is interrupted again', async () => {
  const command = await interrupt('SIGINT', ...MIGRATE_ONE_BY_ONE);
  const pid = await hold.reached();
  command.process.kill('SIGINT');
  expect(await command.ended).toEqual({ code: 130, out: '', err: `${FINISHING}\n` });
  // The COMMIT was sent with the migration: the server must notice first that the command is gone.
  await gone(pid);
  await hold.letGo();
  expect(await fleet.tables('one')).toEqual([]);
});

it('leaves a schema as it was when it is killed, and does the rest when it is run again', async () => {
  const command = startCommand(MIGRATE_ONE_BY_ONE, fleet.env);
  const pid = await hold.reached();
  command.process.kill('SIGKILL');
  expect(await command.ended).toEqual({ code: null, out: '', err: '' });
  // The COMMIT was sent with the migration: the server must notice first that the command is gone.
  await gone(pid);
  await hold.letGo();
  expect(await fleet.tables('one')).toEqual([]);

  expect(await fleet.cli('migrate-schemas')).toMatchObject({ code: 0, err: '' });
  expect((await fleet.cli('migrations-status')).code).toBe(0);
  expect(await fleet.tables('one')).toEqual(TABLES);
});

it('shows on a terminal how far it is, and takes Ctrl-C there', async () => {
  const terminal = startOnTerminal(MIGRATE_ONE_BY_ONE, fleet.env);
  await terminal.shows('0/2 [--------------------] 1 running: one');
  await hold.reached();
  terminal.type('\u0003');
  await terminal.shows(FINISHING);
  await hold.letGo();
  const { code, screen } = await terminal.ended;
  expect(code).toBe(130);
  expect(linesOf(screen).slice(-2)).toEqual([
    expect.stringContaining(APPLIED),
    expect.stringContaining(INTERRUPTED),
  ]);
});
