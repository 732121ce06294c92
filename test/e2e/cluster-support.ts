// What the specs of workers share: a server of two of them, requests on connections of their own, and the
// processes as the system knows them.
import { readFileSync } from 'node:fs';
import { get } from 'node:http';
import pg from 'pg';
import { until } from 'test-support/poll.js';
import { type RunningServer, startServer } from '../support/processes.js';
import type { TestDatabase } from 'test-support/test-database.js';

export const WORKERS = 2;

/** Starts a server of two workers, and waits until both serve: each listens for changes just before it does. */
export async function startWorkers(
  database: TestDatabase,
  env: Readonly<Record<string, string>> = {},
): Promise<RunningServer> {
  const server = await startServer({
    DATABASE_URL: database.url,
    WORKERS: String(WORKERS),
    ...env,
  });
  await untilListening(database);
  return server;
}

export async function untilListening(database: TestDatabase): Promise<void> {
  await until('every worker receives changes', async () => {
    return (await connectionsOf(database, 'nest-tenant-schemas listener')) === WORKERS;
  });
}

/** Connections to the database by the name that they give. */
export async function connectionsOf(database: TestDatabase, name: string): Promise<number> {
  const [row] = await database.sql<{ count: number }>(
    `SELECT count(*)::int FROM pg_stat_activity
     WHERE datname = current_database() AND application_name = $1`,
    [name],
  );
  return row?.count ?? 0;
}

/** Process ids of a server's workers. */
export function workersOf({ process: { pid } }: RunningServer): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  return children === '' ? [] : children.split(' ').map(Number);
}

/** Status of `GET /polls` on a connection of its own, which the primary gives to the next worker in turn. */
export function statusOfPolls(url: string, tenant: string): Promise<number | undefined> {
  return statusOf(`${url}/polls`, { 'X-Request-ID': tenant });
}

/** Milliseconds after which a connection counts as not accepted. */
const ACCEPTED_WITHIN_MS = 5000;

/**
 * Returns whether a worker accepts a connection. The primary may pass a connection to a worker that has just stopped to accept.
 * Such a connection gets no answer until the primary ends.
 */
export function isAccepting(url: string): Promise<boolean> {
  const signal = AbortSignal.timeout(ACCEPTED_WITHIN_MS);
  return statusOf(`${url}/health/live`, {}, signal).then(
    () => true,
    () => false,
  );
}

function statusOf(
  url: string,
  headers: Record<string, string> = {},
  signal?: AbortSignal,
): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    get(url, { agent: false, headers, ...(signal && { signal }) }, (response) => {
      response.resume().once('end', () => resolve(response.statusCode));
    }).once('error', reject);
  });
}

/**
 * What one worker answers. The others are halted meanwhile: each takes one connection at most, so that of as many
 * requests as there are workers one is answered.
 */
export async function statusFrom(
  worker: number,
  server: RunningServer,
  tenant: string,
): Promise<number | undefined> {
  const others = workersOf(server).filter((pid) => pid !== worker);
  for (const pid of others) process.kill(pid, 'SIGSTOP');
  try {
    const requests = Array.from({ length: WORKERS }, () => statusOfPolls(server.url, tenant));
    return await Promise.any(requests);
  } finally {
    for (const pid of others) process.kill(pid, 'SIGCONT');
  }
}

/** Keeps everybody from a tenant's polls until it is called. */
export async function lockPolls(
  database: TestDatabase,
  schema: string,
): Promise<() => Promise<void>> {
  const client = new pg.Client({ connectionString: database.directUrl });
  await client.connect();
  await client.query(`BEGIN; LOCK TABLE ${schema}.polls`);
  return () => client.end();
}
