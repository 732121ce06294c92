import { loadByAutocannon } from './autocannon.js';
import type { Load, LoadResult } from './plan.js';
import { hasWrk, loadByWrk } from './wrk.js';

export {
  DISTRIBUTIONS,
  type Distribution,
  drawOrder,
  type LoadPlan,
  type LoadResult,
  makePlan,
  type Step,
} from './plan.js';

export interface LoadGenerator {
  readonly name: 'wrk' | 'autocannon';
  run(load: Load): Promise<LoadResult>;
}

/** wrk where it is installed, which takes less of the machine; else autocannon. */
export async function chooseLoadGenerator(asked: string | undefined): Promise<LoadGenerator> {
  const isWrk = asked === undefined ? await hasWrk() : asked === 'wrk';
  return isWrk ? { name: 'wrk', run: loadByWrk } : { name: 'autocannon', run: loadByAutocannon };
}
