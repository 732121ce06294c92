import { spread } from '../measure.js';
import { VARIANTS, type VariantName } from '../variants/index.js';
import { type Ratio, ratioOf, slowest, throughput } from './ratio.js';
import type { Result } from './results.js';
import { WORKLOADS } from './workloads.js';

/** What was measured, in one line. */
export function describeCase(result: Result): string {
  const { workload, tenants, distribution, delayMs, roundTripMs } = result;
  const many = tenants === 1 ? 'one tenant' : `${number(tenants)} tenants, ${distribution}`;
  const network = delayMs > 0 ? `, ${delayMs} ms each way (round trip ${roundTripMs} ms)` : '';
  return `${WORKLOADS[workload].title}; ${many}${network}`;
}

/** A line for each variant, for a terminal. */
export function describeVariants(result: Result): string[] {
  const lines = measuredVariants(result).map((variant) => cells(result, variant).join('  '));
  return [...lines, ...describeLeft(result)].map((line) => `  ${line}`);
}

/** The same as a table in Markdown, with the variants that were left out below it. */
export function variantTable(result: Result): string {
  const rows = measuredVariants(result).map((variant) => cells(result, variant));
  return [
    markdownTable(['', 'requests/s', 'ratio', 'p50, ms', 'p99, ms', 'ratio of p99'], rows),
    ...describeLeft(result).map((line) => `${line}\n`),
  ].join('\n');
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
  ];
}
