// The database server restarts under load, twice: 503 meanwhile, no acknowledged write is lost, and the same process
// serves again by itself.
import pg from 'pg';
import { startApplication, type TestApplication } from '../support/application.js';
import { startEmbedded, type ThrowAwayEmbedded } from 'test-support/throw-away-embedded.js';
import { Load } from './load.js';
import { expectAllWritten, expectNothingHeld } from './support.js';

let server: ThrowAwayEmbedded;
let application: TestApplication;

beforeAll(async () => {
  server = await startEmbedded();
  application = await startApplication(server.url);
}, 120_000);

afterAll(async () => {
  await application.close();
  await server.stop();
});

async function sql<Row>(text: string, values?: unknown[]): Promise<Row[]> {
  const client = new pg.Client({ connectionString: server.url });
  await client.connect();
  try {
    return (await client.query(text, values)).rows as Row[];
  } finally {
    await client.end();
  }
}

it('recovers from restarts under load', async () => {
  const tenants: string[] = [];
  for (const name of ['One', 'Two']) tenants.push((await application.createTenant(name)).id);
  const load = new Load(application, tenants);
  for (let round = 0; round < 2; round++) {
    await load.until('201', 20);
    await load.during(() => server.restart());
  }
  await load.until('201', 20);
  expect(await load.stop()).toEqual(['200', '201', '503 DATABASE_UNAVAILABLE']);
  await expectAllWritten(load, sql);
  await expectNothingHeld(application, sql);
}, 120_000);
