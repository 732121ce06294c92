// Thousands of random steps of four actors of three tenants on two connections: requests, transactions,
// savepoints, errors, session settings, streams, nested contexts, given up requests, killed backends. No actor reads
// or writes another tenant's row, and the server holds what was acknowledged. Controls: controls.spec.ts.
import type { TestDatabase } from '../support/test-database.js';
import { runModel } from './run-model.js';
import { createModelDatabase, muteWarnings } from './set-up.js';
import { modelParameters } from './settings.js';
import { World } from './world.js';

/** Interleavings of up to 60 steps; fewer where it is not the first server that they are run on. */
const RUNS = globalThis.testServerName === '18' ? 400 : 100;

let database: TestDatabase;
let world: World;

beforeAll(async () => {
  muteWarnings();
  database = await createModelDatabase();
  world = await World.open(database, {});
});

afterAll(async () => {
  await world.dataSource.destroy();
  await database.drop();
  jest.restoreAllMocks();
});

it('keeps every tenant to its own rows, whatever the others do at the same time', async () => {
  expect(await runModel(world, modelParameters(RUNS))).toMatchObject({ error: null, report: null });
}, 600_000);
