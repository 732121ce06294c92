import pg from 'pg';
import type { BenchDatabase } from '../database.js';
import { median, timed } from '../measure.js';
import {
  NotServedError,
  type ServerProcess,
  startServerProcess,
} from '../server/server-process.js';
import { type VariantName, variantOf } from '../variants/index.js';
import { POOL_SIZE } from './tables.js';

/** Variants that are served, each in processes of its own, and those that are not, with the reason. */
export interface Servers {
  readonly served: ReadonlyMap<VariantName, readonly ServerProcess[]>;
  readonly left: Readonly<Partial<Record<VariantName, string>>>;
  /** What one round trip takes, where a proxy delays it. */
  readonly roundTripMs?: number;
  stop(): Promise<void>;
}

export async function startServers(
  variants: readonly VariantName[],
  {
    database,
    schema,
    delayMs,
    processes,
  }: {
    readonly database: Pick<BenchDatabase, 'url' | 'withRoles'>;
    /** Of the single-tenant application. */
    readonly schema: string;
    /** Of the network, in each direction; 0 for none. */
    readonly delayMs: number;
    /** Of each variant. */
    readonly processes: number;
  },
): Promise<Servers> {
  const proxy =
    delayMs > 0 ? await startServerProcess({ databaseUrl: database.url, delayMs }) : undefined;
  const url = proxy?.url ?? database.url;
  const served = new Map<VariantName, ServerProcess[]>();
  const left: Partial<Record<VariantName, string>> = {};
  for (const variant of variants) {
    try {
      const hasRoles = variantOf(variant).variables?.['TENANT_ISOLATION'] === 'role';
      const databaseUrl = hasRoles ? database.withRoles(url) : url;
      const order = { variant, databaseUrl, poolSize: POOL_SIZE, schema };
      for (let started = 0; started < processes; started++) {
        const server = await startServerProcess(order);
        served.set(variant, [...(served.get(variant) ?? []), server]);
      }
    } catch (error) {
      if (!(error instanceof NotServedError)) throw error;
      left[variant] = error.message;
    }
  }
  return {
    served,
    left,
    ...(proxy && { roundTripMs: await roundTripOf(url) }),
    async stop() {
      const servers = Array.from(served.values()).flat();
      await Promise.all(servers.map((server) => server.stop()));
      await proxy?.stop();
    },
  };
}

/** Milliseconds from a statement to its answer, the median of many. */
async function roundTripOf(url: string): Promise<number> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const times: number[] = [];
    for (let turn = 0; turn < 200; turn++) times.push(await timed(() => client.query('SELECT 1')));
    return Number(median(times).toFixed(2));
  } finally {
    await client.end();
  }
}
