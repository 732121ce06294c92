import { type Distribution, DISTRIBUTIONS } from '../load/index.js';
import { parseOptions, UsageError, wholeNumber } from '../options.js';
import { VARIANT_NAMES, type VariantName } from '../variants/index.js';
import { TABLE_NAMES, type TableName } from './tables.js';
import { WORKLOAD_NAMES, type WorkloadName } from './workloads.js';

export interface HttpOptions {
  /** Few rounds of a part, to see that everything runs. Nothing is written. */
  readonly isQuick: boolean;
  readonly tables: readonly TableName[];
  readonly variants: readonly VariantName[];
  readonly workloads: readonly WorkloadName[];
  /** Numbers of tenants to measure with. */
  readonly tenants: readonly number[];
  readonly distributions: readonly Distribution[];
  readonly rounds: number;
  readonly seconds: number;
  /** `wrk` or `autocannon`. Undefined: wrk where it is installed. */
  readonly generator: string | undefined;
}

const QUICK_WORKLOADS: readonly WorkloadName[] = ['find', 'insert_row'];
const QUICK_VARIANTS: readonly VariantName[] = ['single', 'ours'];

/** @throws UsageError naming an option that is not known, or a name that its option does not take */
export function parseHttpOptions(args: readonly string[]): HttpOptions {
  const values = parseOptions(args, {
    quick: { type: 'boolean', default: false },
    tables: { type: 'string' },
    variants: { type: 'string' },
    workloads: { type: 'string' },
    tenants: { type: 'string' },
    distributions: { type: 'string' },
    rounds: { type: 'string' },
    seconds: { type: 'string' },
    load: { type: 'string' },
  });
  const isQuick = values.quick;
  const workloads = isQuick ? QUICK_WORKLOADS : WORKLOAD_NAMES;
  return {
    isQuick,
    tables:
      pick('tables', values.tables, TABLE_NAMES) ?? (isQuick ? ['tenancy', 'delay'] : TABLE_NAMES),
    variants:
      pick('variants', values.variants, VARIANT_NAMES) ??
      (isQuick ? QUICK_VARIANTS : VARIANT_NAMES),
    workloads: pick('workloads', values.workloads, WORKLOAD_NAMES) ?? workloads,
    tenants: (values.tenants?.split(',') ?? ['1', '100', '1000', '10000']).map((text) =>
      wholeNumber('tenants', text),
    ),
    distributions: pick('distributions', values.distributions, DISTRIBUTIONS) ?? DISTRIBUTIONS,
    rounds: wholeNumber('rounds', values.rounds ?? (isQuick ? '2' : '5')),
    seconds: wholeNumber('seconds', values.seconds ?? (isQuick ? '1' : '2')),
    generator: pick('load', values.load, ['wrk', 'autocannon'])?.[0],
  };
}

function pick<T extends string>(
  option: string,
  text: string | undefined,
  known: readonly T[],
): T[] | undefined {
  return text?.split(',').map((name) => {
    const found = known.find((each) => each === name);
    if (found !== undefined) return found;
    throw new UsageError(`--${option} takes ${known.join(', ')} (got ${name})`);
  });
}
