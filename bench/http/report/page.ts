import type { Machine } from '../../page/machine.js';
import { nodeMajor, type Result } from '../results.js';
import { CASES, POOL_SIZE, type TableName } from '../tables.js';
import { describeCase, variantTable } from './text.js';

/** The title of the page and the chart of each table. */
export const TITLES: Readonly<Record<TableName, string>> = {
  tenancy: 'Throughput beside the single-tenant application, 100 tenants',
  variants: 'Throughput of other ways beside the single-tenant application, 100 tenants',
  tenants: 'Throughput beside the single-tenant application, by number of tenants',
  delay: 'Throughput beside the single-tenant application, 1 ms of network each way',
};

/** Returns the page of a table in Markdown, without its title. */
export function tablePage(table: TableName, results: readonly Result[]): string {
  const own = resultsOf(table, results);
  return [
    `![${TITLES[table]}](../${table}.svg)`,
    ...own.map((result) => {
      const { commit } = result.machine;
      return `**${describeCase(result)}** (${commit})\n\n${variantTable(result)}`;
    }),
    ...new Set(own.map(conditions)),
  ].join('\n\n');
}

/** Returns the results of a table in the order of its cases, which is not the order of the measurements. */
export function resultsOf(table: TableName, results: readonly Result[]): Result[] {
  return results
    .filter((result) => result.table === table)
    .toSorted(
      (one, two) => placeOf(one) - placeOf(two) || nodeMajor(one.machine) - nodeMajor(two.machine),
    );
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

function conditions(result: Result): string {
  const { machine, generator, connections, secondsOfRound, rounds, processes = 1 } = result;
  const count = Math.max(...Object.values(rounds).map(({ length }) => length));
  const each = processes > 1 ? ` in ${processes} processes of each variant` : '';
  return (
    `_${describeMachine(machine)}. Load by ${generator}, ${connections} connections, pools of ${POOL_SIZE}; ` +
    `medians of ${count} rounds of ${secondsOfRound} s${each}, minimum and maximum in brackets._`
  );
}

function describeMachine({ commit, date, cores, cpu, node, database }: Machine): string {
  return `Commit ${commit}, ${date}, ${cores} cores (${cpu}), Node ${node}, ${database}`;
}
