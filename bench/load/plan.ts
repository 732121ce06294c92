import type { BenchTenant } from '../database.js';
import { randomNumbers } from '../random-numbers.js';

/** A request of a workload. In its path `{id}` is the poll that the connection made last; in its body `{mark}` the tenant's. */
export interface Step {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly body?: string;
  readonly status: number;
  /** Whether the answer is a poll that later steps mean by `{id}`. */
  readonly keepsId?: boolean;
}

/**
 * What a load generator sends: each connection walks through the steps for one tenant, then for the next in the order.
 * Every answer that has a body must carry the tenant's mark.
 */
export interface LoadPlan {
  readonly header: string;
  readonly steps: readonly Step[];
  readonly tenants: readonly { readonly uuid: string; readonly mark: string }[];
  /** Indexes of tenants, drawn beforehand, the same for every variant. */
  readonly order: readonly number[];
}

export interface Load {
  readonly url: string;
  readonly plan: LoadPlan;
  readonly connections: number;
  readonly seconds: number;
  /** How many lives of the plan each connection leaves out. Default 0. */
  readonly from?: number;
}

export interface LoadResult {
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Answers of another status or without the mark, and connections that failed. */
  readonly errors: number;
}

/** Whether the tenants are asked for equally often, or the n-th one in proportion to 1/n (Zipf's law). */
export const DISTRIBUTIONS = ['uniform', 'zipf'] as const;

export type Distribution = (typeof DISTRIBUTIONS)[number];

const ORDER_LENGTH = 50_000;

/** Indexes of the tenants in the order in which they are asked for, the same each time. */
export function drawOrder(count: number, distribution: Distribution): number[] {
  const random = randomNumbers(count);
  if (distribution === 'uniform') {
    return Array.from({ length: ORDER_LENGTH }, () => Math.floor(random() * count));
  }
  const sums: number[] = [];
  let sum = 0;
  for (let rank = 1; rank <= count; rank++) sums.push((sum += 1 / rank));
  return Array.from({ length: ORDER_LENGTH }, () => firstAbove(sums, random() * sum));
}

/** @param isSingleTenant whether all answers come from the first tenant's schema, whatever is asked for */
export function makePlan(
  header: string,
  steps: readonly Step[],
  tenants: readonly BenchTenant[],
  order: readonly number[],
  isSingleTenant: boolean,
): LoadPlan {
  const [first] = tenants;
  return {
    header,
    steps,
    tenants: tenants.map(({ uuid, schema }) => ({
      uuid,
      mark: isSingleTenant && first ? first.schema : schema,
    })),
    order,
  };
}

/** Index of the first sum that is larger than a value. */
function firstAbove(sums: readonly number[], value: number): number {
  let low = 0;
  let high = sums.length - 1;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if ((sums[middle] ?? 0) > value) high = middle;
    else low = middle + 1;
  }
  return low;
}
