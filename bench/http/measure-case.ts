import type { BenchDatabase } from '../database.js';
import { drawOrder, type LoadGenerator, type LoadResult, makePlan } from '../load/index.js';
import type { ServerProcess } from '../server-process.js';
import { variantOf, type VariantName } from '../variants/index.js';
import type { Case } from './tables.js';
import { WORKLOADS } from './workloads.js';

/** The header of the defaults, which every variant is asked with, be it read or not. */
const HEADER = 'X-Request-ID';

const WARM_UP_SECONDS = 1;

export interface Measured {
  readonly rounds: Partial<Record<VariantName, LoadResult[]>>;
  /** Variants whose answers were wrong, and how many. */
  readonly left: Partial<Record<VariantName, string>>;
}

/**
 * Measures a case: a warm-up of each variant, then rounds in which each has its turn, in an order that is turned
 * round every time. A variant that gives a wrong answer is left out of the result.
 */
export async function measureCase(
  { workload, tenants: count, distribution, connections }: Omit<Case, 'variants'>,
  {
    database,
    served,
    generator,
    rounds,
    seconds,
  }: {
    readonly database: BenchDatabase;
    readonly served: ReadonlyMap<VariantName, ServerProcess>;
    readonly generator: LoadGenerator;
    readonly rounds: number;
    readonly seconds: number;
  },
): Promise<Measured> {
  const tenants = await database.tenants(count);
  const order = drawOrder(count, distribution);
  const { steps } = WORKLOADS[workload];
  const measured: Measured = { rounds: {}, left: {} };
  const load = async (variant: VariantName, duration: number): Promise<LoadResult | undefined> => {
    const url = served.get(variant)?.url;
    if (url === undefined || variant in measured.left) return undefined;
    const isSingleTenant = variantOf(variant).isSingleTenant ?? false;
    const plan = makePlan(HEADER, steps, tenants, order, isSingleTenant);
    const result = await generator.run({ url, plan, connections, seconds: duration });
    if (result.errors === 0) return result;
    measured.left[variant] = `${result.errors} wrong answers`;
    delete measured.rounds[variant];
    return undefined;
  };
  let turn = Array.from(served.keys());
  for (const variant of turn) await load(variant, WARM_UP_SECONDS);
  for (let round = 0; round < rounds; round++) {
    for (const variant of turn) {
      const result = await load(variant, seconds);
      if (result) (measured.rounds[variant] ??= []).push(result);
    }
    turn = turn.toReversed();
  }
  return measured;
}
