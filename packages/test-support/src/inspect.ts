import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import { processIdentity } from '../../embedded-postgres-server/src/claims/processes.js';

/** Runs one statement on a connection of its own. */
export async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

/** The pid of the data directory's server, undefined when none runs. */
export async function serverPid(dataDir: string): Promise<number | undefined> {
  const path = join(dataDir, 'postgres/cluster/postmaster.pid');
  const pid = Number.parseInt(await readFile(path, 'utf8').catch(() => ''), 10);
  return pid > 0 && (await isRunning(pid)) ? pid : undefined;
}

export async function isRunning(pid: number): Promise<boolean> {
  return (await processIdentity(pid)) !== undefined;
}

/** Names in `<dataDir>/postgres/<folder>`, none when it does not exist. */
export async function list(dataDir: string, folder = ''): Promise<string[]> {
  return readdir(join(dataDir, 'postgres', folder)).catch(() => []);
}
