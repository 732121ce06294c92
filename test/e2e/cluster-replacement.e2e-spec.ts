// WORKERS=2, and a worker that ends while its replacement cannot start. The other worker continues to serve, and the primary
// replaces the first one as soon as a worker can start.
import { until } from 'test-support/poll.js';
import type { RunningServer } from '../support/processes.js';
import { createTestDatabase, Observer, type TestDatabase } from 'test-support/test-database.js';
import { testServer } from 'test-support/test-server.js';
import { startWorkers, untilListening, WORKERS, workersOf } from './cluster-support.js';

let database: TestDatabase;
let server: RunningServer;
/** Connects to another database, because that of the server accepts no connections for a while. */
const outside = new Observer(testServer().directUrl);

beforeAll(async () => {
  database = await createTestDatabase();
  server = await startWorkers(database);
}, 180_000);

afterAll(async () => {
  await server.stop('SIGTERM');
  await outside.end();
  await database.drop();
});

it('goes on without a worker that cannot be replaced, and tries until it can', async () => {
  const [victim = 0, survivor = 0] = workersOf(server);
  const attempts = new Set<number>();
  // Those there are stay; no new one is let in.
  await outside.sql(`ALTER DATABASE ${database.name} ALLOW_CONNECTIONS false`);
  process.kill(victim, 'SIGKILL');
  await until(
    'a second attempt',
    () => {
      for (const pid of workersOf(server))
        if (pid !== victim && pid !== survivor) attempts.add(pid);
      if (server.process.exitCode !== null) throw new Error('All of them ended.');
      return attempts.size > 1;
    },
    60_000,
  );
  expect(workersOf(server)).toContain(survivor);
  await outside.sql(`ALTER DATABASE ${database.name} ALLOW_CONNECTIONS true`);
  await until('there is another one', () => workersOf(server).length === WORKERS, 60_000);
  await untilListening(database);
}, 180_000);
