// The model of model.spec.ts with one protection of the engine removed at a time: each time it must find a row that
// is read or written in a wrong tenant, or undone work that is kept. The seed is fixed: a control is no lottery.
import type { TestDatabase } from '../support/test-database.js';
import { IsolationBroken } from './ledger.js';
import { REMOVALS } from './protections.js';
import { runModel } from './run-model.js';
import { createModelDatabase, muteWarnings } from './set-up.js';
import { World } from './world.js';

const SEED = 20261124;
/** Most runs in which the leak must be found; each of these is, in far fewer. */
const RUNS = 500;

let database: TestDatabase;
let world: World;

beforeAll(async () => {
  database = await createModelDatabase();
});

beforeEach(async () => {
  muteWarnings();
  world = await World.open(database, { isControl: true });
});

afterEach(async () => {
  jest.restoreAllMocks();
  await world.dataSource.destroy();
});

afterAll(() => database.drop());

it.each(Object.entries(REMOVALS))(
  'finds the leak without %s',
  async (_, remove) => {
    remove(world);
    const { error } = await runModel(world, {
      seed: SEED,
      numRuns: RUNS,
      endOnFailure: true,
    });
    expect(error).toEqual(expect.any(IsolationBroken));
  },
  120_000,
);
