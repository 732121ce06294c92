import { setTimeout as delay } from 'node:timers/promises';
import { EmbeddedPostgresError, USE_ANOTHER_SERVER } from '../embedded-postgres.error.js';
import { anyFreePort, choosePort, HOST, rememberPort } from './port.js';
import { clearAway, clusterName, livePostmaster } from './postmaster.js';
import { processIdentity } from '../claims/processes.js';
import { type ReadyServer, waitUntilReady } from './ready.js';
import { run } from './run.js';
import type { Secrets } from './secrets.js';
import { openServerLog } from './server-log.js';
import { pgdata, type Server } from './server.interface.js';

/** Seconds, for pg_ctl: crash recovery after much writing takes its time. */
const START_TIMEOUT_S = 120;
/** Seconds, for pg_ctl: to roll back, write the last checkpoint and end. */
const FAST_STOP_TIMEOUT_S = 60;
const IMMEDIATE_STOP_TIMEOUT_S = 20;
/** Between the choice of a port and its use anybody may take it. */
const PORT_ATTEMPTS = 4;
/** How often a server may come and go before us while we join or start it. */
const ROUNDS = 5;

/**
 * Joins the server that runs, or starts it. Only under the lock.
 *
 * @param port the only one to start it on. Default: the port of the last start, or any other
 */
export async function ensureRunning(
  server: Server,
  secrets: Secrets,
  port?: number,
): Promise<ReadyServer> {
  for (let round = 1; ; round++) {
    const ready = await waitUntilReady(server.layout, secrets);
    if (ready) return ready;
    try {
      await start(server, port);
    } catch (error) {
      // A process killed in the middle of its start may have left a server that came up only now.
      if (round >= ROUNDS || !(await livePostmaster(server.layout))) throw error;
    }
  }
}

/** Stops the server and waits until it is gone. Only under the lock. False when none ran. */
export async function stop(server: Server): Promise<boolean> {
  const { layout, binaries, account } = server;
  const postmaster = await livePostmaster(layout);
  if (!postmaster) {
    await clearAway(layout);
    return false;
  }
  let output = '';
  for (const [mode, seconds] of [
    ['fast', FAST_STOP_TIMEOUT_S],
    // Loses nothing that was committed: the next start recovers it from the write-ahead log.
    ['immediate', IMMEDIATE_STOP_TIMEOUT_S],
  ] as const) {
    const directory = pgdata(account, layout.cluster);
    const args = ['stop', '-w', '-s', '-m', mode, '-t', String(seconds), '-D', directory];
    ({ output } = await run(binaries.pgCtl, args, { account, cwd: layout.cluster }));
    const deadline = Date.now() + 5000;
    while (Date.now() < deadline) {
      // Pg_ctl is content when the pid file is gone, which is a moment before the process is.
      if (!(await processIdentity(postmaster.pid))) return true;
      await delay(5);
    }
  }
  throw new EmbeddedPostgresError(
    'STOP_FAILED',
    `The embedded PostgreSQL of ${layout.name} (process ${postmaster.pid}) does not stop: ${output.trim()}. ` +
      `See ${layout.log}; the next start joins it.`,
  );
}

async function start(server: Server, onlyPort?: number): Promise<void> {
  const { layout, binaries, account } = server;
  await clearAway(layout);
  const log = await openServerLog(layout.log);
  try {
    let port = onlyPort ?? (await choosePort(layout));
    for (let attempt = 1; ; attempt++) {
      const options = await serverOptions(server, port);
      const directory = pgdata(account, layout.cluster);
      const args = [
        'start',
        '-w',
        '-s',
        '-t',
        String(START_TIMEOUT_S),
        '-D',
        directory,
        '-o',
        options,
      ];
      const output = log.file.fd;
      const { status } = await run(binaries.pgCtl, args, { account, cwd: layout.cluster, output });
      if (status === 0) break;
      const reason = await log.tail();
      const isLast = onlyPort !== undefined || attempt >= PORT_ATTEMPTS;
      if (isLast || !reason.includes('could not bind')) throw failed(server, reason);
      port = await anyFreePort();
    }
    await rememberPort(layout, port);
    server.log(`started PostgreSQL ${binaries.version} on port ${port}`);
  } finally {
    await log.file.close();
  }
}

/** Options of the server itself, quoted for the shell that pg_ctl runs it by. */
async function serverOptions(server: Server, port: number): Promise<string> {
  const settings = {
    max_connections: '200',
    ...server.settings,
    listen_addresses: HOST,
    port: String(port),
    // A path to a socket may be at most 107 bytes long, and a data directory lies anywhere.
    unix_socket_directories: '',
    cluster_name: await clusterName(server.layout),
  };
  return Object.entries(settings)
    .map(([name, value]) => `-c ${quote(`${name}=${value}`)}`)
    .join(' ');
}

function quote(text: string): string {
  return process.platform === 'win32' ? `"${text}"` : `'${text.replaceAll("'", `'\\''`)}'`;
}

function failed(server: Server, reason: string): EmbeddedPostgresError {
  return new EmbeddedPostgresError(
    'START_FAILED',
    `The embedded PostgreSQL of ${server.layout.name} did not start. The end of ${server.layout.log}:\n` +
      `${reason}\nCorrect this, or set DATA_DIR to another directory. ${USE_ANOTHER_SERVER}`,
  );
}
