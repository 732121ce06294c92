import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { CpuOfRequest } from '../cpu-time.js';
import type { LoadResult } from '../load/index.js';
import type { Machine } from '../page/machine.js';
import type { VariantName } from '../variants/index.js';
import type { Case } from './tables.js';

/** A variant's turn. CPU times are missing in what was measured before they were taken. */
export interface Turn extends LoadResult, Partial<CpuOfRequest> {}

/** A case as it was measured. */
export interface Result extends Omit<Case, 'variants'> {
  readonly machine: Machine;
  readonly generator: string;
  readonly secondsOfRound: number;
  /** Of each variant, which have its rounds by turns. Missing in older results, where it was one. */
  readonly processes?: number;
  /** By round, in the same order for every variant: rounds can be compared one by one. */
  readonly rounds: Readonly<Partial<Record<VariantName, readonly Turn[]>>>;
  /** Variants that are not in it, and why. */
  readonly left: Readonly<Partial<Record<VariantName, string>>>;
  /** What one round trip to the database takes, where the network is delayed. */
  readonly roundTripMs?: number;
}

/**
 * Results of all cases that were ever measured; measuring one again with the same major version of Node, and no fewer variants,
 * replaces it.
 */
export class ResultFile {
  private readonly results: Map<string, Result>;

  constructor(private readonly path: string) {
    const known = existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Result[]) : [];
    this.results = new Map(known.map((result) => [keyOf(result), result]));
  }

  /** @returns whether it was kept */
  put(result: Result): boolean {
    const key = keyOf(result);
    const known = Object.keys(this.results.get(key)?.rounds ?? {});
    if (known.some((variant) => !(variant in result.rounds))) return false;
    this.results.set(key, result);
    writeFileSync(this.path, `${JSON.stringify(this.all, undefined, 2)}\n`);
    return true;
  }

  get all(): Result[] {
    return Array.from(this.results.values());
  }
}

function keyOf({
  table,
  workload,
  tenants,
  distribution,
  machine,
}: Pick<Result, (keyof Case & keyof Result) | 'machine'>): string {
  return [table, workload, tenants, distribution, nodeMajor(machine)].join(' ');
}

/** 20 of `v20.20.2`. */
export function nodeMajor({ node }: Pick<Machine, 'node'>): number {
  return Number.parseInt(node.slice(1), 10);
}
