// A process that starts the servers that the specs need, prints their addresses as one line of JSON, and
// stops them when its standard input ends: also when Jest was killed.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { startEmbedded } from './throw-away-embedded.js';
import type { TestServer, TestServers } from './test-server.js';
import {
  PGBOUNCER,
  postgresBinaries,
  startPgBouncer,
  startPostgres,
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
  if (given) {
    return { given: { ...direct(given), superuserUrl: given } };
  }
  const servers: TestServers = {};
  const add = async (name: string, server: ThrowAwayServer): Promise<void> => {
    started.push(server);
    const { superuserUrl = server.url } = server;
    servers[name] = { ...direct(server.url), superuserUrl };
    if (!existsSync(PGBOUNCER)) return;
    const pooler = await startPgBouncer(server.url);
    started.push(pooler);
    servers[`${name}+pgbouncer`] = {
      url: pooler.url,
      directUrl: server.url,
      superuserUrl,
      isBehindPgBouncer: true,
    };
  };
  await add('18', await startEmbedded());
  for (const version of ['15', '16', '17']) {
    const binaries = postgresBinaries(version);
    if (existsSync(join(binaries, 'postgres'))) await add(version, await startPostgres(binaries));
  }
  return servers;
}

function direct(url: string): Omit<TestServer, 'superuserUrl'> {
  return { url, directUrl: url, isBehindPgBouncer: false };
}
