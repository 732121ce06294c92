// What tenants cost in memory and connections: in the application's process, and in PostgreSQL's backends, which
// remember every schema that they have worked in.
import { readFileSync } from 'node:fs';
import pg from 'pg';
import { type BenchDatabase, SERVER_SETTINGS, startBenchDatabase } from './database.js';
import type { MemoryInUse } from './memory.js';
import { markdownTable, number } from './http/report/text.js';
import { describeMachine } from './page/machine.js';
import { writeBlock } from './page/markdown-file.js';
import { inParallel, timed } from './measure.js';
import { parseQuick } from './options.js';
import { type ServerProcess, startServerProcess } from './server/server-process.js';

const POOL_SIZE = 8;
const CONCURRENCY = 16;

/** Limits of schemas after which the pool replaces a connection. 0: none. */
const SCHEMAS = [0, 1000, 250];

export async function memory(args: readonly string[]): Promise<void> {
  const isQuick = parseQuick(args);
  const [few, many] = isQuick ? [20, 200] : [100, 10_000];
  const database = await startBenchDatabase();
  try {
    const rows: string[][] = [];
    for (const most of SCHEMAS) {
      const server = await startServerProcess({
        variant: 'ours',
        databaseUrl: database.url,
        poolSize: POOL_SIZE,
        schema: '',
        variables: { DATABASE_CONNECTION_SCHEMAS: String(most) },
      });
      for (const count of [few, many]) {
        const row = await serveAll(database, server, count, many * 2);
        rows.push([most === 0 ? 'none' : number(most), number(count), ...row]);
        process.stdout.write(`${rows.at(-1)?.join('  ')}\n`);
      }
      await server.stop();
    }
    const { commit, date, cores, node } = describeMachine('');
    const table = markdownTable(HEAD, rows);
    const conditions =
      `_Commit ${commit}, ${date}, ${cores} cores, Node ${node}, ${database.description}, ${SERVER_SETTINGS}; ` +
      `a pool of ${POOL_SIZE}, ${CONCURRENCY} requests at once, one request to each tenant in turn._`;
    if (!isQuick) {
      await writeBlock('docs/benchmarks/memory.md', 'memory', `${table}\n\n${conditions}`);
    }
  } finally {
    await database.stop();
  }
}

const HEAD = [
  'schema limit',
  'tenants',
  'requests',
  'µs a request',
  'heap, MB',
  'RSS, MB',
  'connections',
  'largest backend, MB',
  'all backends, MB',
];

/** Asks tenants in turn for their polls, so that every connection meets very many of them. */
async function serveAll(
  database: BenchDatabase,
  server: ServerProcess,
  count: number,
  requests: number,
): Promise<string[]> {
  const tenants = await database.tenants(count);
  const turns = Array.from({ length: requests }, (_, index) => tenants[index % count]?.uuid ?? '');
  const ask = async (uuid: string): Promise<void> => {
    const response = await fetch(`${server.url}/polls/1`, { headers: { 'X-Request-ID': uuid } });
    await response.arrayBuffer();
    if (response.status !== 200) throw new Error(`GET /polls/1 was answered ${response.status}.`);
  };
  const took = await timed(() => inParallel(turns, CONCURRENCY, ask));
  const { heap, resident } = await server.ask<MemoryInUse>('memory');
  const backends = await backendMegabytes(database.url);
  return [
    number(requests),
    ((took / requests) * 1000).toFixed(0),
    heap.toFixed(0),
    resident.toFixed(0),
    String(backends.length),
    Math.max(...backends).toFixed(0),
    backends.reduce((sum, each) => sum + each, 0).toFixed(0),
  ];
}

/** Returns the private memory of the application's backends. It does not include shared buffers. */
async function backendMegabytes(url: string): Promise<number[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ pid: number }>(
      `SELECT pid FROM pg_stat_activity
       WHERE application_name = 'nest-tenant-schemas' AND state = 'idle' AND query LIKE 'SELECT%polls%'`,
    );
    return rows.map(({ pid }) => privateMegabytes(pid));
  } finally {
    await client.end();
  }
}

/** https://www.kernel.org/doc/html/latest/filesystems/proc.html (smaps_rollup, in kB; shared memory is not anonymous) */
function privateMegabytes(pid: number): number {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  return Number(/^Anonymous:\s+(\d+)/m.exec(text)?.[1]) / 1024;
}
