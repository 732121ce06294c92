import { writeFileSync } from 'node:fs';
import { type BarGroup, barChart } from '../chart.js';
import type { Machine } from '../machine.js';
import { writeBlock } from '../markdown-block.js';
import { VARIANTS } from '../variants/index.js';
import { ratioOf, throughput } from './ratio.js';
import { nodeMajor, type Result } from './results.js';
import { CASES, POOL_SIZE, TABLE_NAMES, type TableName } from './tables.js';
import { describeCase, measuredVariants, variantTable } from './text.js';

const FOLDER = 'docs/benchmarks';

const CHART_TITLES: Readonly<Record<TableName, string>> = {
  tenancy: 'Throughput beside the single-tenant application, 100 tenants',
  variants: 'Throughput of other ways beside the single-tenant application, 100 tenants',
  tenants: 'Throughput beside the single-tenant application, by number of tenants',
  delay: 'Throughput beside the single-tenant application, 1 ms of network each way',
};

/** Writes tables and charts of all results into `docs/benchmarks`. */
export async function publish(results: readonly Result[]): Promise<void> {
  for (const table of TABLE_NAMES) {
    const own = results.filter((result) => result.table === table).toSorted(byCase);
    if (own.length === 0) continue;
    writeFileSync(`${FOLDER}/${table}.svg`, chart(table, own));
    await writeBlock(`${FOLDER}/README.md`, table, markdown(table, own));
  }
}

function markdown(table: TableName, results: readonly Result[]): string {
  return [
    `![${CHART_TITLES[table]}](${table}.svg)`,
    ...results.map((result) => {
      const { commit } = result.machine;
      return `**${describeCase(result)}** (${commit})\n\n${variantTable(result)}`;
    }),
    ...new Set(results.map(conditions)),
  ].join('\n\n');
}

function conditions(result: Result): string {
  const { machine, generator, connections, secondsOfRound, rounds, processes = 1 } = result;
  const count = Math.max(...Object.values(rounds).map(({ length }) => length));
  const each = processes > 1 ? ` in ${processes} processes of each variant` : '';
  return (
    `_${describeMachine(machine)}. Load by ${generator}, ${connections} connections, pools of ${POOL_SIZE}; ` +
    `medians of ${count} rounds of ${secondsOfRound} s${each}, least and most in brackets._`
  );
}

function describeMachine({ commit, date, cores, cpu, node, database }: Machine): string {
  return `Commit ${commit}, ${date}, ${cores} cores (${cpu}), Node ${node}, ${database}`;
}

function chart(table: TableName, results: readonly Result[]): string {
  const groups = results.map((result): BarGroup => ({
    title: describeCase(result),
    bars: measuredVariants(result).flatMap((variant) => {
      const ratio = ratioOf(result, variant, throughput);
      if (!ratio) return [];
      const { median: value, least, most } = ratio;
      return [{ label: VARIANTS[variant].title, value, least, most }];
    }),
  }));
  const labels = Object.values(VARIANTS).map(({ title }) => title);
  return barChart(CHART_TITLES[table], labels, groups);
}

/** In the order in which the cases are listed, which is not the order in which they were measured. */
function byCase(one: Result, two: Result): number {
  return placeOf(one) - placeOf(two) || nodeMajor(one.machine) - nodeMajor(two.machine);
}

function placeOf({ table, workload, tenants, distribution }: Result): number {
  return CASES.findIndex(
    (each) =>
      each.table === table &&
      each.workload === workload &&
      each.tenants === tenants &&
      each.distribution === distribution,
  );
}
