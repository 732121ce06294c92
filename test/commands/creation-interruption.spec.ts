// Ctrl-C, SIGTERM and SIGHUP while a schema is created in several transactions: the command removes what it made first.
import pg from 'pg';
import { until } from 'test-support/poll.js';
import { traces } from '../schemas/support.js';
import { type RunningCommand, startCommand } from '../support/processes.js';
import { type Fleet, openFleet } from './fleet/fleet-support.js';

const KEY = 42;
const REMOVING = 'Removing unfinished schemas (held). Interrupt again to leave them.\n';
const LEFT = 'Unfinished schemas may remain: held. Remove them: tenant-schemas doctor --fix\n';
const CREATE = ['create-tenant', '--name', 'Held'];
const CLONE = ['clone-tenant', 'source', '--name', 'Held', '--schema', 'held'];

let fleet: Fleet;
let holder: pg.Client;

beforeAll(async () => {
  fleet = await openFleet();
  await fleet.create('source');
  // The row of a tenant whose schema is there waits: in the last transaction, not in the first.
  await fleet.database.sql(
    `CREATE FUNCTION public.wait() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
       IF EXISTS (SELECT FROM pg_namespace WHERE nspname = NEW.schema) THEN
         PERFORM pg_advisory_xact_lock(${KEY});
       END IF;
       RETURN NULL; END $$;
     CREATE TRIGGER wait AFTER INSERT ON public.clients FOR EACH ROW EXECUTE FUNCTION public.wait()`,
  );
});

beforeEach(async () => {
  holder = new pg.Client({ connectionString: fleet.database.directUrl });
  await holder.connect();
  await holder.query(`SELECT pg_advisory_lock(${KEY})`);
});

afterEach(() => holder.end());

afterAll(() => fleet?.close());

/** Starts a command, and waits until its last transaction is under way. */
async function start(args: readonly string[]): Promise<RunningCommand> {
  const command = startCommand(args, fleet.env);
  await until('the command waits', async () => {
    const waiting = await fleet.database.sql(
      `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'advisory'`,
    );
    return waiting.length === 1;
  });
  expect(await traces(fleet.database)).toEqual(['row source', 'schema held', 'schema source']);
  return command;
}

it.each([
  ['create-tenant', 'SIGINT', CREATE, 130],
  ['create-tenant', 'SIGTERM', CREATE, 143],
  ['create-tenant', 'SIGHUP', CREATE, 129],
  ['clone-tenant', 'SIGINT', CLONE, 130],
] as const)('%s removes what it made after %s', async (_name, signal, args, code) => {
  const command = await start(args);
  command.process.kill(signal);
  expect(await command.ended).toEqual({ code, out: '', err: REMOVING });
  expect(await traces(fleet.database)).toEqual(['row source', 'schema source']);
});

it('exits at once after a second signal, and says what is left and what removes it', async () => {
  const command = await start(CREATE);
  // The removal waits for a lock of the schema, which this transaction gets first.
  const taking = holder.query(
    `BEGIN; SELECT pg_advisory_xact_lock(hashtextextended('tenant-schemas:held', 0))`,
  );
  let err = '';
  command.process.stderr?.on('data', (chunk: Buffer) => (err += chunk.toString()));
  command.process.kill('SIGINT');
  await until('the command says what it does', () => err === REMOVING);
  command.process.kill('SIGINT');
  expect(await command.ended).toEqual({ code: 130, out: '', err: REMOVING + LEFT });
  await taking;
  await holder.query('COMMIT');
  expect(await traces(fleet.database)).toEqual(['row source', 'schema held', 'schema source']);
  expect(await fleet.cli('doctor', '--fix')).toMatchObject({ code: 0, err: '' });
  expect(await traces(fleet.database)).toEqual(['row source', 'schema source']);
});
