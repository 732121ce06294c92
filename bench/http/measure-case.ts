import type { BenchDatabase } from '../database.js';
import { drawOrder, type LoadGenerator, type LoadResult, makePlan } from '../load/index.js';
import type { ServerProcess } from '../server-process.js';
import { variantOf, type VariantName } from '../variants/index.js';
import { orderOfTurns } from './order-of-turns.js';
import type { Case } from './tables.js';
import { WORKLOADS } from './workloads.js';

/** The header of the defaults, which every variant is asked with, be it read or not. */
const HEADER = 'X-Request-ID';

/**
 * A variant is warm when it has been asked so often for each tenant and is no faster by so much than in any turn before: its
 * connections have met the tenants, and the server, which makes a plan for all parameters after five, has made its plans.
 */
export const REQUESTS_OF_TENANT = 60;
const STILL_RISING = 1.03;

const SETTLING_SECONDS = 1;

/** How often autovacuum would come by. https://www.postgresql.org/docs/current/runtime-config-vacuum.html */
const TIDYING_PAUSE_MS = 60_000;

export interface Measured {
  readonly rounds: Partial<Record<VariantName, LoadResult[]>>;
  /** Variants whose answers were wrong, and how many. */
  readonly left: Partial<Record<VariantName, string>>;
}

/**
 * Measures a case: turns of each variant until it is warm, then rounds in which each has its turn; where it writes,
 * tables are vacuumed as often as autovacuum would. A variant that gives a wrong answer is left out of the result.
 */
export async function measureCase(
  { workload, tenants: count, distribution, connections }: Omit<Case, 'variants'>,
  {
    database,
    served,
    generator,
    rounds,
    seconds,
    warmUps,
  }: {
    readonly database: BenchDatabase;
    readonly served: ReadonlyMap<VariantName, ServerProcess>;
    readonly generator: LoadGenerator;
    readonly rounds: number;
    readonly seconds: number;
    /** Most turns to get warm in: statements compiled, every backend at home in its schemas. */
    readonly warmUps: number;
  },
): Promise<Measured> {
  const tenants = await database.tenants(count);
  const order = drawOrder(count, distribution);
  const { steps } = WORKLOADS[workload];
  const variants = Array.from(served.keys());
  const measured: Measured = { rounds: {}, left: {} };
  const isWriting = steps.some(({ method }) => method !== 'GET');
  const load = async (variant: VariantName): Promise<LoadResult | undefined> => {
    const url = served.get(variant)?.url;
    if (url === undefined || variant in measured.left) return undefined;
    const isSingleTenant = variantOf(variant).isSingleTenant ?? false;
    const plan = makePlan(HEADER, steps, tenants, order, isSingleTenant);
    // The others' turns leave caches cold, which lasting work does not.
    await generator.run({ url, plan, connections, seconds: SETTLING_SECONDS });
    const result = await generator.run({ url, plan, connections, seconds });
    if (result.errors === 0) return result;
    measured.left[variant] = `${result.errors} wrong answers`;
    delete measured.rounds[variant];
    return undefined;
  };
  // New statistics have plans made again, which a turn of a few seconds would have to bear instead of a minute.
  const tidyUp = async (): Promise<void> => {
    await database.tidy();
    for (const variant of variants) await load(variant);
  };
  let tidiedAt = -Infinity;
  for (const variant of variants) {
    const asked = variantOf(variant).isSingleTenant ? 1 : count;
    const countServed = async (): Promise<number> =>
      ((await load(variant))?.requestsPerSecond ?? 0) * seconds;
    await warmUp(countServed, asked * REQUESTS_OF_TENANT, warmUps);
  }
  for (let round = 0; round < rounds; round++) {
    if (isWriting && performance.now() - tidiedAt > TIDYING_PAUSE_MS) {
      await tidyUp();
      tidiedAt = performance.now();
    }
    for (const variant of orderOfTurns(variants, round)) {
      const result = await load(variant);
      if (result) (measured.rounds[variant] ??= []).push(result);
    }
  }
  return measured;
}

/**
 * @param load serves a turn, and tells how many requests
 * @param least requests of all turns together
 * @param most turns, whatever was served
 */
async function warmUp(load: () => Promise<number>, least: number, most: number): Promise<void> {
  let best = 0;
  let sum = 0;
  for (let turn = 0; turn < most; turn++) {
    const served = await load();
    sum += served;
    if (sum >= least && served < best * STILL_RISING) return;
    best = Math.max(best, served);
  }
}
