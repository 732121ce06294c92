// Where the time of a request goes, by layer, in the single-tenant application and in ours: docs/benchmarks/profile.md.
import type { Profiler } from 'node:inspector';
import { measureCpu } from '../cpu-time.js';
import { type BenchDatabase, SERVER_SETTINGS, startBenchDatabase } from '../database.js';
import { REQUESTS_OF_TENANT } from '../http/measure-case.js';
import { POOL_SIZE } from '../http/tables.js';
import { type WorkloadName, WORKLOADS } from '../http/workloads.js';
import {
  chooseLoadGenerator,
  drawOrder,
  type LoadGenerator,
  type LoadPlan,
  makePlan,
} from '../load/index.js';
import { describeMachine } from '../page/machine.js';
import { writePage } from '../page/markdown-file.js';
import { parseOptions, wholeNumber } from '../options.js';
import { type ServerProcess, startServerProcess } from '../server/server-process.js';
import { selfTimes } from './layers.js';
import { hotSpots, layerTable, type Profiled } from './text.js';

const RESULTS = 'docs/benchmarks/results/profile.md';
const TENANTS = 100;
const CONNECTIONS = 16;
const VARIANTS = ['single', 'ours'] as const;
const PROFILED: readonly WorkloadName[] = ['find', 'list_relations', 'insert_poll'];

export async function profile(args: readonly string[]): Promise<void> {
  const values = parseOptions(args, {
    quick: { type: 'boolean', default: false },
    seconds: { type: 'string' },
  });
  const seconds = wholeNumber('seconds', values.seconds ?? (values.quick ? '1' : '8'));
  const generator = await chooseLoadGenerator(undefined);
  const database = await startBenchDatabase();
  try {
    const servers = await startServers(database);
    const parts: string[] = [];
    for (const workload of PROFILED) {
      const profiled = await profileWorkload(workload, { database, servers, generator, seconds });
      const part = `## ${WORKLOADS[workload].title}\n\n${layerTable(profiled)}\n${hotSpots(profiled)}`;
      process.stdout.write(`${part}\n`);
      parts.push(part);
    }
    const { commit, date, cores, cpu, node } = describeMachine('');
    parts.push(
      `_Commit ${commit}, ${date}, ${cores} cores (${cpu}), Node ${node}, ${database.description}, ${SERVER_SETTINGS}; ` +
        `load by ${generator.name}, ${CONNECTIONS} connections, ${TENANTS} tenants, ${seconds} s each._`,
    );
    if (!values.quick)
      await writePage(RESULTS, 'CPU time of a request by layer', parts.join('\n\n'));
    await Promise.all(Object.values(servers).map((server) => server.stop()));
  } finally {
    await database.stop();
  }
}

async function startServers(
  database: BenchDatabase,
): Promise<Record<(typeof VARIANTS)[number], ServerProcess>> {
  const [tenant] = await database.tenants(TENANTS);
  const start = (variant: (typeof VARIANTS)[number]): Promise<ServerProcess> =>
    startServerProcess({
      variant,
      databaseUrl: database.url,
      poolSize: POOL_SIZE,
      schema: tenant?.schema ?? '',
    });
  return { single: await start('single'), ours: await start('ours') };
}

/** CPU time first, without a profiler that slows the process down; then a profile, for the shares in it. */
async function profileWorkload(
  workload: WorkloadName,
  {
    database,
    servers,
    generator,
    seconds,
  }: {
    database: BenchDatabase;
    servers: Record<(typeof VARIANTS)[number], ServerProcess>;
    generator: LoadGenerator;
    seconds: number;
  },
): Promise<Profiled[]> {
  const tenants = await database.tenants(TENANTS);
  const order = drawOrder(TENANTS, 'uniform');
  const profiled: Profiled[] = [];
  for (const variant of VARIANTS) {
    const server = servers[variant];
    const isSingle = variant === 'single';
    const plan = makePlan('X-Request-ID', WORKLOADS[workload].steps, tenants, order, isSingle);
    const load = async (): Promise<number> => {
      await database.tidy();
      return countRequests(generator, server.url, plan, seconds);
    };
    for (let served = 0; served < TENANTS * REQUESTS_OF_TENANT;) served += await load();
    const pids = { process: server.pid, database: database.pid };
    const { processUs, databaseUs } = await measureCpu(pids, async () => ({
      requests: await load(),
    }));
    await server.ask('start-profile');
    await load();
    const cpuProfile = await server.ask<Profiler.Profile>('stop-profile');
    profiled.push({
      variant,
      processUs,
      databaseUs,
      times: selfTimes(cpuProfile),
    });
  }
  return profiled;
}

async function countRequests(
  generator: LoadGenerator,
  url: string,
  plan: LoadPlan,
  seconds: number,
): Promise<number> {
  const result = await generator.run({ url, plan, connections: CONNECTIONS, seconds });
  if (result.errors > 0) throw new Error(`${result.errors} answers were wrong.`);
  return result.requestsPerSecond * seconds;
}
