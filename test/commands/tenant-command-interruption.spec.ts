// An interrupted command in all tenants reports its results. A generated password appears only there.
import pg from 'pg';
import { until } from 'test-support/poll.js';
import { startCommand } from '../support/processes.js';
import { untilWaiting } from '../support/until-waiting.js';
import { type Fleet, openFleet } from './fleet/fleet-support.js';

const FINISHING = 'Waiting for running work (one). Interrupt again to stop it at once.';
const INTERRUPTED =
  'Interrupted after 1 schema. Run the command in the other tenants with tenant-command.';
const CREATE_USER = ['create-user', '--username', 'support'];

let fleet: Fleet;

beforeAll(async () => {
  fleet = await openFleet();
  await fleet.create('one', 'two');
});

afterAll(() => fleet?.close());

it('finishes the current tenant, and prints the password of its user', async () => {
  const holder = new pg.Client({ connectionString: fleet.database.directUrl });
  await holder.connect();
  await holder.query('BEGIN; LOCK TABLE one.users');
  const command = startCommand(['all-tenants-command', '--json', '--', ...CREATE_USER], fleet.env);
  let err = '';
  command.process.stderr?.on('data', (chunk: Buffer) => (err += chunk.toString()));
  await untilWaiting(fleet.database);
  command.process.kill('SIGINT');
  await until('the command says that it ends', () => err === `${FINISHING}\n`);
  await holder.end();
  const { code, out, ...rest } = await command.ended;
  expect({ code, ...rest }).toEqual({ code: 130, err: `${FINISHING}\n${INTERRUPTED}\n` });
  expect(JSON.parse(out)).toEqual([
    {
      schema: 'one',
      result: expect.objectContaining({ username: 'support', password: expect.any(String) }),
    },
  ]);
  expect(await fleet.database.sql('SELECT username FROM one.users')).toHaveLength(1);
  expect(await fleet.database.sql('SELECT username FROM two.users')).toEqual([]);
});
