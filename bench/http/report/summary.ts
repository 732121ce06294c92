import { VARIANTS, type VariantName } from '../../variants/index.js';
import { BASE, ratioOf, throughput } from './ratio.js';
import { nodeMajor, type Result } from '../results.js';
import type { TableName } from '../tables.js';
import { formatRatio, LEAST_NODE, markdownTable } from './text.js';
import { WORKLOAD_NAMES, type WorkloadName, WORKLOADS } from '../workloads.js';

interface Column {
  readonly title: string;
  readonly variant: VariantName;
  /** The results that the column is taken from. */
  readonly table: TableName;
}

const COLUMNS: readonly Column[] = [
  { title: 'ours', variant: 'ours', table: 'tenancy' },
  { title: 'ours, role', variant: 'role', table: 'tenancy' },
  { title: 'ours, search path', variant: 'search_path', table: 'tenancy' },
  { title: VARIANTS.request_path.title, variant: 'request_path', table: 'variants' },
  { title: VARIANTS.data_source.title, variant: 'data_source', table: 'variants' },
];

/**
 * Returns one table in Markdown with a row for each workload: requests a second of each variant divided by
 * those of the single-tenant application, with 100 tenants on the oldest supported Node. A case that was not
 * measured has an empty cell.
 */
export function summaryTable(results: readonly Result[]): string {
  const head = ['workload', 'single-tenant', ...COLUMNS.map(({ title }) => title)];
  const rows = WORKLOAD_NAMES.map((workload) =>
    [WORKLOADS[workload].name, '1'].concat(
      COLUMNS.map((column) => cell(results, workload, column)),
    ),
  );
  return markdownTable(head, rows);
}

function cell(
  results: readonly Result[],
  workload: WorkloadName,
  { table, variant }: Column,
): string {
  const found = results.find(
    (result) =>
      result.table === table &&
      result.workload === workload &&
      nodeMajor(result.machine) === LEAST_NODE &&
      BASE in result.rounds,
  );
  return found ? formatRatio(ratioOf(found, variant, throughput)) : '';
}
