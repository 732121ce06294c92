import type { Distribution } from '../load/index.js';
import type { VariantName } from '../variants/index.js';
import type { WorkloadName } from './workloads.js';

/** What one measurement is about: a line of a table. */
export interface Case {
  readonly table: TableName;
  readonly workload: WorkloadName;
  readonly tenants: number;
  readonly distribution: Distribution;
  /** Of the network between the application and its database, in each direction; 0 is loopback. */
  readonly delayMs: number;
  readonly connections: number;
  readonly variants: readonly VariantName[];
}

export type TableName = 'tenancy' | 'variants' | 'tenants' | 'delay';

export const TABLE_NAMES: readonly TableName[] = ['tenancy', 'variants', 'tenants', 'delay'];

/** Processes of each variant, which have its rounds by turns: two of the same code can differ by a tenth for as long as they live. */
export const PROCESSES: Readonly<Record<TableName, number>> = {
  tenancy: 2,
  variants: 1,
  tenants: 1,
  delay: 1,
};

/** Connections of a load that keeps one core busy, and those of each process to its database. */
const BUSY = 16;
export const POOL_SIZE = 16;

/** Connections of a load for which the network, not the core, is what takes the time. */
const IDLE = 4;

const DELAY_MS = 1;

const ALL_WORKLOADS: readonly WorkloadName[] = [
  'find',
  'list',
  'list_relations',
  'insert_row',
  'insert_poll',
  'mix',
];

const BESIDE: readonly VariantName[] = ['single', 'ours'];
const MANY_WAYS: readonly VariantName[] = [
  ...BESIDE,
  'request_scope',
  'request_path',
  'data_source',
];

/** Every case, in the order in which they are measured. */
export const CASES: readonly Case[] = [
  // Few variants, which disturb each other least.
  ...ALL_WORKLOADS.map((workload) => ({
    table: 'tenancy' as const,
    workload,
    tenants: 100,
    distribution: 'uniform' as const,
    delayMs: 0,
    connections: BUSY,
    variants: ['single', 'ours', 'role', 'search_path'] as const,
  })),
  ...ALL_WORKLOADS.map((workload) => ({
    table: 'variants' as const,
    workload,
    tenants: 100,
    distribution: 'uniform' as const,
    delayMs: 0,
    connections: BUSY,
    variants: [...MANY_WAYS, 'limit' as const],
  })),
  ...ALL_WORKLOADS.filter((workload) => workload !== 'mix').map((workload) => ({
    table: 'delay' as const,
    workload,
    tenants: 100,
    distribution: 'uniform' as const,
    delayMs: DELAY_MS,
    connections: IDLE,
    variants: ['single', 'ours', 'role', 'search_path', 'limit'] as const,
  })),
  ...(
    [
      [1, 'uniform'],
      [1000, 'uniform'],
      [1000, 'zipf'],
      [10_000, 'uniform'],
      [10_000, 'zipf'],
    ] as const
  ).flatMap(([tenants, distribution]) =>
    (['find', 'list_relations', 'insert_poll'] as const).map((workload) => ({
      table: 'tenants' as const,
      workload,
      tenants,
      distribution,
      delayMs: 0,
      connections: BUSY,
      // Each of the other ways takes minutes to get warm with so many: one workload shows them.
      variants:
        tenants === 1000 && distribution === 'zipf' && workload === 'find' ? MANY_WAYS : BESIDE,
    })),
  ),
];
