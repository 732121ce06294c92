// A server that rejects writes, because its disk is full (53100) or it is read-only (25006). Writes get a 503 with Retry-After,
// reads succeed, and writes work again later without a restart.
import { DataSource } from 'typeorm';
import { startApplication, type TestApplication } from '../support/application.js';
import { createTestDatabase, type TestDatabase } from 'test-support/test-database.js';
import { poolOf } from '../../packages/nest-tenant-schemas/test/tenancy/support.js';
import { expectNothingHeld } from './support.js';

let database: TestDatabase;
let application: TestApplication;
let tenant: string;

beforeAll(async () => {
  database = await createTestDatabase();
  application = await startApplication(database.url);
  tenant = (await application.createTenant('Acme')).id;
});

afterAll(async () => {
  await application.close();
  await database.drop();
});

/** Asks for a retry, and does not reveal the statement. */
const UNAVAILABLE = {
  status: 503,
  body: { statusCode: 503, code: 'DATABASE_UNAVAILABLE', message: expect.any(String) },
};

const write = (question: string) =>
  application.send('POST', '/polls', { tenant, body: { question } });

const FAULTS = [
  {
    title: 'a full disk',
    begin: `CREATE FUNCTION public.full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
              RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100';
            END $$;
            CREATE TRIGGER full_disk BEFORE INSERT ON acme.polls
              FOR EACH ROW EXECUTE FUNCTION public.full_disk()`,
    end: 'DROP FUNCTION public.full_disk() CASCADE',
  },
  {
    title: 'a server that only reads',
    begin: `DO $$ BEGIN EXECUTE format(
              'ALTER DATABASE %I SET default_transaction_read_only = on', current_database()); END $$`,
    end: `SET default_transaction_read_only = off;
          DO $$ BEGIN EXECUTE format(
            'ALTER DATABASE %I RESET default_transaction_read_only', current_database()); END $$`,
  },
];

/** The setting of a database counts for new connections, so the old ones end, as they do when a server changes. */
async function endConnections(): Promise<void> {
  const ended = new Promise((resolve) =>
    poolOf(application.app.get(DataSource)).once('remove', resolve),
  );
  await database.sql(
    `SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
     WHERE datname = current_database() AND application_name = 'nest-tenant-schemas'`,
  );
  await ended;
}

it.each(FAULTS)(
  'answers writes by 503 and reads by 200 during $title',
  async ({ title, begin, end }) => {
    const before = `Before ${title}?`;
    const after = `After ${title}?`;
    expect((await write(before)).status).toBe(201);
    await database.sql(begin);
    await endConnections();
    expect(await write(`During ${title}?`)).toEqual(UNAVAILABLE);
    expect((await application.send('GET', '/polls', { tenant })).status).toBe(200);
    await database.sql(end);
    await endConnections();
    expect((await write(after)).status).toBe(201);
    const stored = await database.sql<{ question: string }>(
      'SELECT question FROM acme.polls WHERE question LIKE $1 ORDER BY id',
      [`%${title}?`],
    );
    expect(stored.map(({ question }) => question)).toEqual([before, after]);
    await expectNothingHeld(application, database.sql);
  },
);
