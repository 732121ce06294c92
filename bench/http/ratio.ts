import { median } from '../measure.js';
import type { LoadResult } from '../load/index.js';
import type { VariantName } from '../variants/index.js';
import type { Result } from './results.js';

/** The variant that the others are compared with. */
export const BASE: VariantName = 'single';

/** One number of each round beside the base's of the same round. */
export interface Ratio {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

/** Undefined when the variant or the base was not measured. */
export function ratioOf(
  { rounds }: Pick<Result, 'rounds'>,
  variant: VariantName,
  value: (round: LoadResult) => number,
): Ratio | undefined {
  const own = rounds[variant];
  const base = rounds[BASE];
  if (!own || !base) return undefined;
  const ratios = own.flatMap((round, index) => {
    const other = base[index];
    return other ? [value(round) / value(other)] : [];
  });
  return { median: median(ratios), least: Math.min(...ratios), most: Math.max(...ratios) };
}

export const throughput = ({ requestsPerSecond }: LoadResult): number => requestsPerSecond;

export const slowest = ({ p99Ms }: LoadResult): number => p99Ms;
