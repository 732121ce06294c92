// How the model is run: with a seed of its own each time, which a failure prints. `MODEL_SEED=… MODEL_PATH=…
// MODEL_REPLAY_PATH=… npx jest packages/nest-tenant-schemas/test/model/model.spec.ts` repeats a run, `MODEL_RUNS=50000` looks for longer.
import type fc from 'fast-check';
import type { Tenant } from '../../src/index.js';

/** Three tenants, on fewer connections than there are actors. */
export const TENANTS: readonly Tenant[] = ['a', 'b', 'c'].map((letter) => ({
  id: `00000000-0000-4000-8000-00000000000${letter}`,
  schema: `tenant_${letter}`,
}));

export const POOL_SIZE = 2;

/** What works at the same time: requests and jobs. */
export const ACTORS = 4;

/** Most steps of one run. */
export const MAX_STEPS = 60;

const { MODEL_RUNS, MODEL_SEED, MODEL_PATH, MODEL_REPLAY_PATH } = process.env;

/** fast-check's replay of a list of commands, as a failure prints it. */
export const REPLAY_PATH = MODEL_REPLAY_PATH;

/** @param runs how many, unless the environment says otherwise */
export function modelParameters<T>(runs: number): fc.Parameters<T> {
  return {
    numRuns: MODEL_RUNS === undefined ? runs : Number(MODEL_RUNS),
    ...(MODEL_SEED !== undefined && { seed: Number(MODEL_SEED) }),
    ...(MODEL_PATH !== undefined && { path: MODEL_PATH }),
  };
}
