// What a neighbour with slow statements costs the others: the time of one tenant's finds, alone, beside a tenant
// whose statements are slow and more than the pool, and the same without a limit to its share of the pool.
import { performance } from 'node:perf_hooks';
import type { DataSource } from 'typeorm';
import { dataSourceOptions } from '../src/database/data-source-options.js';
import { Poll } from '../src/polls/poll.entity.js';
import { createTenantDataSource, type Tenant, tenantContext } from 'nest-tenant-schemas';
import { startBenchDatabase } from './database.js';
import { median, spread } from './measure.js';
import { parseQuick } from './options.js';

const POOL_SIZE = 10;
/** Statements that the neighbour has under way or waiting at any time, and how long each takes. */
const SLOW = { statements: 40, seconds: 0.1 };
/** Finds that the measured tenant has under way at any time. */
const QUICK = 2;

const FULL = { rounds: 5, seconds: 4 };
const SHORT = { rounds: 3, seconds: 1 };

interface Case {
  readonly title: string;
  readonly hasNeighbour: boolean;
  /** Most connections of one tenant; undefined: the default. */
  readonly maxConnections?: number;
}

const CASES: readonly Case[] = [
  { title: 'alone', hasNeighbour: false },
  { title: 'with a quota', hasNeighbour: true },
  {
    title: 'without a quota',
    hasNeighbour: true,
    maxConnections: POOL_SIZE,
  },
];

export async function neighbours(args: readonly string[]): Promise<void> {
  const size = parseQuick(args) ? SHORT : FULL;
  const database = await startBenchDatabase();
  const times = new Map<Case, { p50: number[]; p99: number[]; finds: number[] }>();
  try {
    const [measured, neighbour] = (await database.tenants(2)).map(({ uuid, schema }) => ({
      id: uuid,
      schema,
    })) as [Tenant, Tenant];
    for (let round = 0; round < size.rounds; round++) {
      for (const each of CASES) {
        const dataSource = await open(database.url, each);
        const found = await run(dataSource, each, measured, neighbour, size.seconds);
        await dataSource.destroy();
        const { p50, p99, finds } = times.get(each) ?? { p50: [], p99: [], finds: [] };
        times.set(each, {
          p50: [...p50, percentile(found, 0.5)],
          p99: [...p99, percentile(found, 0.99)],
          finds: [...finds, found.length / size.seconds],
        });
      }
    }
  } finally {
    await database.stop();
  }
  const alone = median(times.get(CASES[0] as Case)?.p99 ?? []);
  process.stdout.write(
    `Finds of one tenant, ${QUICK} at once, pool of ${POOL_SIZE}; its neighbour has ${SLOW.statements} ` +
      `statements of ${SLOW.seconds * 1000} ms. Milliseconds, medians of ${size.rounds} rounds (least–most).\n`,
  );
  for (const [{ title }, { p50, p99, finds }] of times) {
    process.stdout.write(
      `${title}: p50 ${spread(p50, 2)}, p99 ${spread(p99, 2)} (${(median(p99) / alone).toFixed(2)} × alone), ` +
        `${median(finds).toFixed(0)} a second\n`,
    );
  }
}

function open(url: string, { maxConnections }: Case): Promise<DataSource> {
  const options = dataSourceOptions(
    { databasePoolSize: POOL_SIZE, logLevel: 'error', tenantMaxConnections: maxConnections },
    url,
  );
  return createTenantDataSource(options).initialize();
}

/** The milliseconds of each find within so many seconds. */
async function run(
  dataSource: DataSource,
  { hasNeighbour }: Case,
  measured: Tenant,
  neighbour: Tenant,
  seconds: number,
): Promise<number[]> {
  const times: number[] = [];
  const end = performance.now() + seconds * 1000;
  const until = async (work: () => Promise<unknown>): Promise<void> => {
    while (performance.now() < end) await work();
  };
  const slow = (): Promise<unknown> =>
    tenantContext.run(neighbour, () => dataSource.query(`SELECT pg_sleep(${SLOW.seconds})`));
  const quick = async (): Promise<void> => {
    const started = performance.now();
    await tenantContext.run(measured, () => dataSource.getRepository(Poll).findOneBy({ id: 1 }));
    times.push(performance.now() - started);
  };
  await Promise.all([
    ...Array.from({ length: hasNeighbour ? SLOW.statements : 0 }, () => until(slow)),
    ...Array.from({ length: QUICK }, () => until(quick)),
  ]);
  return times;
}

function percentile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((one, two) => one - two);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
}
