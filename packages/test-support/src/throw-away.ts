// Servers of Debian's packages for the specs: PostgreSQL 15 and PgBouncer, on loopback, in a temporary
// directory. As root they run as an unprivileged account, since both refuse root.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { anyFreePort } from '../../embedded-postgres-server/src/server/port.js';

/** Where the binaries of a version of PostgreSQL are; Jest's configuration looks for the same. Default: Debian's packages. */
export const postgresBinaries = (version: string): string =>
  process.env[`POSTGRES_${version}_BINARIES`] ?? `/usr/lib/postgresql/${version}/bin`;

export const POSTGRES_15 = postgresBinaries('15');
export const PGBOUNCER = '/usr/sbin/pgbouncer';

/** A server that a spec run started for itself. */
export interface ThrowAwayServer {
  readonly url: string;
  /** As a superuser, where `url` is none. */
  readonly superuserUrl?: string;
  stop(): Promise<void>;
}

/** Milliseconds that a server may take to listen. */
const START_LIMIT_MS = 20_000;

/** @param binaries the folder of `initdb` and `postgres` */
export async function startPostgres(binaries: string): Promise<ThrowAwayServer> {
  const account = unprivilegedAccount();
  const directory = temporaryDirectory(account);
  const data = join(directory, 'data');
  const port = await anyFreePort();
  execFileSync(
    join(binaries, 'initdb'),
    ['-D', data, '-U', 'postgres', '--auth=trust', '--encoding=UTF8', '--locale=C', '--no-sync'],
    { ...account, cwd: directory, stdio: ['ignore', 'ignore', 'inherit'] },
  );
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  return running(spawnPostgres(binaries, data, port), directory, port, url, 'SIGINT');
}

/** Runs a server on a folder that `initdb` or `pg_basebackup` has made. */
export function spawnPostgres(binaries: string, data: string, port: number): ChildProcess {
  const settings = {
    port,
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    fsync: 'off',
    max_connections: 200,
    log_min_messages: 'fatal',
  };
  const options = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  return spawn(join(binaries, 'postgres'), ['-D', data, ...options], {
    ...unprivilegedAccount(),
    cwd: dirname(data),
    stdio: 'ignore',
  });
}

/** PgBouncer in transaction mode in front of a server: every database of it, as its login. */
export async function startPgBouncer(serverUrl: string): Promise<ThrowAwayServer> {
  const account = unprivilegedAccount();
  const directory = temporaryDirectory(account);
  const port = await anyFreePort();
  const server = new URL(serverUrl);
  const login = [
    `user=${server.username}`,
    ...(server.password ? [`password=${server.password}`] : []),
  ];
  const configuration = join(directory, 'pgbouncer.ini');
  writeFileSync(
    configuration,
    `[databases]
* = host=${server.hostname} port=${server.port} ${login.join(' ')}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
max_client_conn = 1000
default_pool_size = 5
ignore_startup_parameters = extra_float_digits
server_login_retry = 1
log_connections = 0
log_disconnections = 0
`,
  );
  if (account) chownSync(configuration, account.uid, account.gid);
  const child = spawn(PGBOUNCER, ['-q', configuration], {
    ...account,
    cwd: directory,
    stdio: 'ignore',
  });
  server.host = `127.0.0.1:${port}`;
  return running(child, directory, port, server.toString(), 'SIGTERM');
}

async function running(
  child: ChildProcess,
  directory: string,
  port: number,
  url: string,
  signal: NodeJS.Signals,
): Promise<ThrowAwayServer> {
  const exited = once(child, 'exit');
  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill(signal);
      await exited;
    }
    rmSync(directory, { recursive: true, force: true });
  };
  const deadline = Date.now() + START_LIMIT_MS;
  while (!(await accepts(port))) {
    if (child.exitCode !== null || Date.now() > deadline) {
      await stop();
      throw new Error(`${child.spawnfile} does not listen on port ${port}.`);
    }
  }
  return { url, stop };
}

export function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

export function unprivilegedAccount(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const id = (flag: string): number =>
    Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

export function temporaryDirectory(account: { uid: number; gid: number } | undefined): string {
  const directory = mkdtempSync(join(tmpdir(), 'nts-'));
  chmodSync(directory, 0o755);
  if (account) chownSync(directory, account.uid, account.gid);
  return directory;
}
