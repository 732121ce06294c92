// A request and another transaction wait for each other, until the server rolls one back. The request gets a 503 that asks for a
// retry, leaves nothing, and succeeds when it is sent again.
import pg from 'pg';
import { startApplication, type TestApplication } from '../support/application.js';
import { createTestDatabase, type TestDatabase, withDatabase } from 'test-support/test-database.js';
import { testServer } from 'test-support/test-server.js';
import { untilWaiting } from '../support/until-waiting.js';
import { expectNothingHeld } from './support.js';

let database: TestDatabase;
let application: TestApplication;
/** A superuser's session, as only they set `deadlock_timeout`. */
let other: pg.Client;

beforeAll(async () => {
  database = await createTestDatabase();
  const connectionString = withDatabase(testServer().superuserUrl, database.name);
  other = new pg.Client({ connectionString });
  await other.connect();
  // The request's wait is the shorter one, so that it is the one to be undone; the other has this long to begin its own.
  await other.query(`ALTER DATABASE ${database.name} SET deadlock_timeout TO '3s'`);
  await other.query(`SET deadlock_timeout TO '10min'`);
  application = await startApplication(database.url);
});

afterAll(async () => {
  await application.close();
  await other.end();
  await database.drop();
});

it('answers a request that the server has undone by 503, and does it when it is sent again', async () => {
  const { id: tenant } = await application.createTenant('acme');
  const body = { question: 'Who is first?', choices: ['I'] };
  await other.query('BEGIN; LOCK TABLE acme.choices');
  const answer = application.send('POST', '/polls', { tenant, body });
  await untilWaiting(database);
  await other.query('LOCK TABLE acme.polls');
  expect(await answer).toMatchObject({
    status: 503,
    body: {
      code: 'DATABASE_UNAVAILABLE',
      message: 'The request was rolled back because it conflicted with another request. Retry it.',
    },
  });
  await other.query('COMMIT');
  expect(await application.send('POST', '/polls', { tenant, body })).toMatchObject({ status: 201 });
  expect(await database.sql('SELECT question FROM acme.polls')).toEqual([
    { question: body.question },
  ]);
  await expectNothingHeld(application, database.sql);
});
