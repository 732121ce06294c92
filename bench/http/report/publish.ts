import { writeFileSync } from 'node:fs';
import { type BarGroup, barChart } from '../../page/chart.js';
import { writeBlock, writePage } from '../../page/markdown-file.js';
import { VARIANTS } from '../../variants/index.js';
import { resultsOf, tablePage, TITLES } from './page.js';
import { ratioOf, throughput } from './ratio.js';
import type { Result } from '../results.js';
import { summaryTable } from './summary.js';
import { TABLE_NAMES } from '../tables.js';
import { describeCase, measuredVariants } from './text.js';

const FOLDER = 'docs/benchmarks';

/**
 * Writes the summary and the charts of all results into `docs/benchmarks`, and a page with all numbers of each
 * table into `docs/benchmarks/results`.
 */
export async function publish(results: readonly Result[]): Promise<void> {
  for (const table of TABLE_NAMES) {
    const own = resultsOf(table, results);
    if (own.length === 0) continue;
    const title = TITLES[table];
    writeFileSync(`${FOLDER}/${table}.svg`, chart(title, own));
    await writePage(`${FOLDER}/results/${table}.md`, title, tablePage(table, own));
  }
  await writeBlock(`${FOLDER}/README.md`, 'summary', summaryTable(results));
}

function chart(title: string, results: readonly Result[]): string {
  const groups = results.map((result): BarGroup => ({
    title: describeCase(result),
    bars: measuredVariants(result).flatMap((variant) => {
      const ratio = ratioOf(result, variant, throughput);
      if (!ratio) return [];
      const { median: value, least, most } = ratio;
      return [{ label: VARIANTS[variant].title, value, least, most }];
    }),
  }));
  const labels = Object.values(VARIANTS).map(({ title: label }) => label);
  return barChart(title, labels, groups);
}
