import type { BenchDatabase } from '../database.js';
import type { LoadGenerator } from '../load/index.js';
import type { ServerProcess } from '../server/server-process.js';
import type { VariantName } from '../variants/index.js';
import { CaseLoad } from './case-load.js';
import { orderOfTurns } from './order-of-turns.js';
import type { Turn } from './results.js';
import type { Case } from './tables.js';
import { isSingleTenant, tenantsNeeded, tenantsOf } from './tenants-of-variants.js';
import { isWriting } from './workloads.js';

/**
 * Requests for each tenant until a variant can be warm. It is warm if a further turn is not noticeably faster. Its connections
 * have then served the tenants, and the server has its generic plans, which it makes after five executions.
 */
export const REQUESTS_OF_TENANT = 60;
const STILL_RISING = 1.03;

/**
 * After how much of its own load autovacuum would come by for a variant, in seconds: it has the server for itself then.
 * https://www.postgresql.org/docs/current/runtime-config-vacuum.html
 */
const LOAD_BETWEEN_TIDYINGS = 60;

export interface Measured {
  readonly rounds: Partial<Record<VariantName, Turn[]>>;
  /** Variants whose answers were wrong, and how many. */
  readonly left: Partial<Record<VariantName, string>>;
}

/**
 * Measures a case: turns of each variant until it is warm, then rounds in which each has its turn; where it writes,
 * tables are vacuumed as often as autovacuum would, and all get warm again. A variant that gives a wrong answer is left out of the result.
 */
export async function measureCase(
  about: Omit<Case, 'variants'>,
  {
    database,
    served,
    generator,
    rounds,
    seconds,
    warmUps,
  }: {
    readonly database: BenchDatabase;
    /** Processes of each variant, which have its rounds by turns. */
    readonly served: ReadonlyMap<VariantName, readonly ServerProcess[]>;
    readonly generator: LoadGenerator;
    readonly rounds: number;
    readonly seconds: number;
    /** Most turns to get warm in: statements compiled, every backend at home in its schemas. */
    readonly warmUps: number;
  },
): Promise<Measured> {
  const variants = Array.from(served.keys());
  const all = await database.tenants(tenantsNeeded(about, variants));
  const tenants = new Map(
    variants.map((variant) => [variant, tenantsOf(variant, about, variants, all)]),
  );
  const caseLoad = new CaseLoad(about, tenants, generator, seconds, database.pid);
  const measured: Measured = { rounds: {}, left: {} };
  const load = async (
    variant: VariantName,
    server: ServerProcess,
    turn: number,
  ): Promise<Turn | undefined> => {
    if (variant in measured.left) return undefined;
    const result = await caseLoad.turn(variant, server, turn);
    if (result.errors === 0) return result;
    measured.left[variant] = `${result.errors} wrong answers`;
    delete measured.rounds[variant];
    return undefined;
  };
  const getWarm = async (variant: VariantName, server: ServerProcess): Promise<void> => {
    const countServed = async (turn: number): Promise<number> =>
      ((await load(variant, server, turn))?.requestsPerSecond ?? 0) * seconds;
    const least = (isSingleTenant(variant) ? 1 : about.tenants) * REQUESTS_OF_TENANT;
    await warmUp(countServed, least, warmUps);
  };
  const forEachServer = async (
    work: (variant: VariantName, server: ServerProcess) => Promise<void>,
  ): Promise<void> => {
    for (const [variant, servers] of served)
      for (const server of servers) await work(variant, server);
  };
  await forEachServer(async (variant, server) => {
    if (!isSingleTenant(variant) && warmUps > 1) await caseLoad.visitEach(variant, server);
  });
  await forEachServer(getWarm);
  const roundsBetweenTidyings = Math.ceil(LOAD_BETWEEN_TIDYINGS / caseLoad.secondsOfTurn);
  for (let round = 0; round < rounds; round++) {
    const turn = warmUps + round;
    const isTidied = isWriting(about.workload) && round % roundsBetweenTidyings === 0;
    if (isTidied) {
      // Not before something was written: with statistics of a few rows, a foreign key is looked up by reading the whole table.
      await database.tidy();
      // New statistics have plans made again, of which a few rounds would have to bear what a minute does.
      await forEachServer(getWarm);
    }
    // Each order of the variants with one process, then with the next.
    const place = Math.floor(round / variants.length);
    for (const variant of orderOfTurns(variants, round)) {
      const servers = served.get(variant) ?? [];
      const server = servers[place % servers.length];
      const result = server && (await load(variant, server, turn));
      if (result) (measured.rounds[variant] ??= []).push(result);
    }
  }
  return measured;
}

/**
 * @param load runs a turn, and returns its number of requests
 * @param least minimum number of requests of all turns together
 * @param most maximum number of turns
 */
async function warmUp(
  load: (turn: number) => Promise<number>,
  least: number,
  most: number,
): Promise<void> {
  let best = 0;
  let sum = 0;
  for (let turn = 0; turn < most; turn++) {
    const served = await load(turn);
    sum += served;
    if (sum >= least && served < best * STILL_RISING) return;
    best = Math.max(best, served);
  }
}
