import { median } from '../../measure.js';
import type { VariantName } from '../../variants/index.js';
import type { Result, Turn } from '../results.js';

/** The variant that the others are compared with. */
export const BASE: VariantName = 'single';

/** One number of each round beside the base's of the same round. */
export interface Ratio {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

/** Undefined when the variant or the base was not measured, or not that number of them. */
export function ratioOf(
  { rounds }: Pick<Result, 'rounds'>,
  variant: VariantName,
  value: (round: Turn) => number | undefined,
): Ratio | undefined {
  const own = rounds[variant];
  const base = rounds[BASE];
  if (!own || !base) return undefined;
  const ratios = own.flatMap((round, index) => {
    const other = base[index];
    const [mine, its] = [value(round), other && value(other)];
    return mine !== undefined && its !== undefined ? [mine / its] : [];
  });
  if (ratios.length === 0) return undefined;
  return { median: median(ratios), least: Math.min(...ratios), most: Math.max(...ratios) };
}

export const throughput = ({ requestsPerSecond }: Turn): number => requestsPerSecond;

export const slowest = ({ p99Ms }: Turn): number => p99Ms;

export const cpuOfProcess = ({ processUs }: Turn): number | undefined => processUs;

export const cpuOfDatabase = ({ databaseUs }: Turn): number | undefined => databaseUs;

/** What a request takes of the machine, beside the load generator. */
export const cpu = ({ processUs, databaseUs }: Turn): number | undefined =>
  processUs === undefined || databaseUs === undefined ? undefined : processUs + databaseUs;
