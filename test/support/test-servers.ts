// A process that starts the servers that the specs need, prints their addresses as one line of JSON, and
// stops them when its standard input ends: also when Jest was killed.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { acquireEmbeddedPostgres } from '../../src/database/embedded/index.js';
import type { TestServers } from './test-server.js';
import {
  PGBOUNCER,
  POSTGRES_15,
  startPgBouncer,
  startPostgres15,
  type ThrowAwayServer,
} from './throw-away.js';

const started: ThrowAwayServer[] = [];

try {
  const servers = await startServers();
  process.stdout.write(`${JSON.stringify(servers)}\n`);
  for await (const _chunk of process.stdin);
} finally {
  for (const server of started.toReversed()) await server.stop();
}

async function startServers(): Promise<TestServers> {
  const given = process.env.TEST_DATABASE_URL;
  if (given) return { given: { url: given, directUrl: given, isBehindPgBouncer: false } };
  const servers: TestServers = {};
  const add = async (name: string, server: ThrowAwayServer): Promise<void> => {
    started.push(server);
    servers[name] = { url: server.url, directUrl: server.url, isBehindPgBouncer: false };
    if (!existsSync(PGBOUNCER)) return;
    const pooler = await startPgBouncer(server.url);
    started.push(pooler);
    servers[`${name}+pgbouncer`] = {
      url: pooler.url,
      directUrl: server.url,
      isBehindPgBouncer: true,
    };
  };
  await add('18', await startEmbedded());
  if (existsSync(join(POSTGRES_15, 'postgres'))) await add('15', await startPostgres15());
  return servers;
}

async function startEmbedded(): Promise<ThrowAwayServer> {
  const dataDir = mkdtempSync(join(tmpdir(), 'nts-'));
  const server = await acquireEmbeddedPostgres({ dataDir, settings: { fsync: 'off' } });
  const stop = async (): Promise<void> => {
    await server.release();
    rmSync(dataDir, { recursive: true, force: true });
  };
  return { url: server.url, stop };
}
