import { median, spread } from '../../measure.js';
import { VARIANTS, type VariantName } from '../../variants/index.js';
import {
  cpu,
  cpuOfDatabase,
  cpuOfProcess,
  type Ratio,
  ratioOf,
  slowest,
  throughput,
} from './ratio.js';
import { nodeMajor, type Result, type Turn } from '../results.js';
import { WORKLOADS } from '../workloads.js';

const HEAD = [
  '',
  'requests/s',
  'ratio',
  'p50, ms',
  'p99, ms',
  'ratio of p99',
  'process, µs',
  'server, µs',
  'ratio of µs',
];

/** The major version of the oldest Node that the package supports. A case without another version was measured on it. */
export const LEAST_NODE = 20;

/** What was measured, in one line. */
export function describeCase(result: Result): string {
  const { workload, tenants, distribution, delayMs, roundTripMs, machine } = result;
  const major = nodeMajor(machine);
  const many = tenants === 1 ? 'one tenant' : `${number(tenants)} tenants, ${distribution}`;
  const network = delayMs > 0 ? `, ${delayMs} ms each way (round trip ${roundTripMs} ms)` : '';
  const node = major > LEAST_NODE ? `, Node ${major}` : '';
  return `${WORKLOADS[workload].title}; ${many}${network}${node}`;
}

/** A line for each variant, for a terminal. */
export function describeVariants(result: Result): string[] {
  const lines = measuredVariants(result).map((variant) => cells(result, variant).join('  '));
  return [...lines, ...describeLeft(result)].map((line) => `  ${line}`);
}

/** The same as a table in Markdown, with the variants that were left out below it. */
export function variantTable(result: Result): string {
  const rows = measuredVariants(result).map((variant) => cells(result, variant));
  return [markdownTable(HEAD, rows), ...describeLeft(result).map((line) => `${line}\n`)].join('\n');
}

export function markdownTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const rule = head.map((_cell, index) => (index === 0 ? '---' : '--:'));
  return `${[head, rule, ...rows].map(markdownRow).join('\n')}\n`;
}

function markdownRow(row: readonly string[]): string {
  return `| ${row.join(' | ')} |`;
}

export function formatRatio(ratio: Ratio | undefined): string {
  if (!ratio) return '';
  const [middle, least, most] = [ratio.median, ratio.least, ratio.most].map((value) =>
    value.toFixed(2),
  );
  return `${middle} (${least}–${most})`;
}

export const number = (value: number): string => value.toLocaleString('en');

export function measuredVariants({ rounds }: Pick<Result, 'rounds'>): VariantName[] {
  return (Object.keys(VARIANTS) as VariantName[]).filter((variant) => rounds[variant]);
}

function describeLeft({ left }: Pick<Result, 'left'>): string[] {
  return (Object.keys(left) as VariantName[]).map(
    (variant) => `Left out: ${VARIANTS[variant].title} (${left[variant]}).`,
  );
}

function cells(result: Result, variant: VariantName): string[] {
  const rounds = result.rounds[variant] ?? [];
  return [
    VARIANTS[variant].title,
    spread(rounds.map(throughput)),
    formatRatio(ratioOf(result, variant, throughput)),
    spread(
      rounds.map(({ p50Ms }) => p50Ms),
      2,
    ),
    spread(rounds.map(slowest), 1),
    formatRatio(ratioOf(result, variant, slowest)),
    medianOf(rounds, cpuOfProcess),
    medianOf(rounds, cpuOfDatabase),
    formatRatio(ratioOf(result, variant, cpu)),
  ];
}

/** Empty where it was not measured. */
function medianOf(rounds: readonly Turn[], value: (round: Turn) => number | undefined): string {
  const values = rounds.map(value).filter((each) => each !== undefined);
  return values.length === 0 ? '' : median(values).toFixed(0);
}
