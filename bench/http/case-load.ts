import { measureCpu } from '../cpu-time.js';
import type { BenchTenant } from '../database.js';
import { drawOrder, type LoadGenerator, type LoadPlan, makePlan } from '../load/index.js';
import type { ServerProcess } from '../server/server-process.js';
import type { VariantName } from '../variants/index.js';
import type { Turn } from './results.js';
import type { Case } from './tables.js';
import { isSingleTenant } from './tenants-of-variants.js';
import { WORKLOADS } from './workloads.js';

/** The header of the defaults, which every variant is asked with, be it read or not. */
const HEADER = 'X-Request-ID';

/** By how many lives of the order each connection is moved on from one run to the next: more than it serves in one. */
const LIVES_OF_RUN = 700;

/** How often each tenant is asked for, one after the other: the server keeps a statement from its second use on. */
const VISITS = 3;

/** The load of one case, for its variants in turn. */
export class CaseLoad {
  private readonly order: readonly number[];

  constructor(
    private readonly about: Pick<Case, 'workload' | 'tenants' | 'distribution' | 'connections'>,
    private readonly tenants: ReadonlyMap<VariantName, readonly BenchTenant[]>,
    private readonly generator: LoadGenerator,
    /** Of a turn, counted; there are as many before them that are not. */
    private readonly seconds: number,
    /** Process id of the database's server. */
    private readonly databasePid: number,
  ) {
    this.order = drawOrder(about.tenants, about.distribution);
  }

  /** Seconds of load, counted or not. */
  get secondsOfTurn(): number {
    return 2 * this.seconds;
  }

  /**
   * @param turn from 0. Each goes on in the order of tenants: the same ones every time would be a case of few tenants. For two
   * variants the same turn is the same load
   */
  async turn(variant: VariantName, { url, pid }: ServerProcess, turn: number): Promise<Turn> {
    const { connections } = this.about;
    const { seconds } = this;
    const plan = this.planOf(variant, this.order);
    const from = 2 * turn * LIVES_OF_RUN;
    // The others' turns leave caches cold, which lasting work does not.
    await this.generator.run({ url, plan, connections, seconds, from });
    const counted = { url, plan, connections, seconds, from: from + LIVES_OF_RUN };
    const pids = { process: pid, database: this.databasePid };
    const { requests: _, ...measured } = await measureCpu(pids, async () => {
      const result = await this.generator.run(counted);
      return { ...result, requests: result.requestsPerSecond * seconds };
    });
    return measured;
  }

  /**
   * Sends a request to a variant for each tenant, as after a long uptime. It stops at a wrong answer, which the first turn will
   * report.
   */
  async visitEach(variant: VariantName, { url }: ServerProcess): Promise<void> {
    const { connections, tenants, workload } = this.about;
    const visits = Array.from({ length: VISITS * tenants }, (_, visit) =>
      Math.floor(visit / VISITS),
    );
    const plan = this.planOf(variant, visits);
    for (let lives = 0; lives < visits.length;) {
      const from = Math.floor(lives / connections);
      const { seconds } = this;
      const result = await this.generator.run({ url, plan, connections, seconds, from });
      if (result.errors > 0) return;
      lives += Math.ceil((result.requestsPerSecond * seconds) / WORKLOADS[workload].steps.length);
    }
  }

  private planOf(variant: VariantName, order: readonly number[]): LoadPlan {
    const { steps } = WORKLOADS[this.about.workload];
    const tenants = this.tenants.get(variant) ?? [];
    return makePlan(HEADER, steps, tenants, order, isSingleTenant(variant));
  }
}
