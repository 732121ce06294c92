import { setTimeout as delay } from 'node:timers/promises';
import { Client, DatabaseError } from 'pg';
import { EmbeddedPostgresError, USE_ANOTHER_SERVER } from '../embedded-postgres.error.js';
import type { Layout } from '../layout.js';
import { HOST } from './port.js';
import { livePostmaster, type Postmaster } from './postmaster.js';
import { APPLICATION_ROLE, type Secrets } from './secrets.js';

/** Crash recovery after much writing takes its time; a start proper takes 0.1 s. */
const READY_TIMEOUT_MS = 120_000;
/** For one try. */
const CONNECT_TIMEOUT_MS = 10_000;

/** Class 28 of https://www.postgresql.org/docs/18/errcodes-appendix.html, and a database that does not exist. */
const REFUSED_FOR_GOOD = new Set(['28000', '28P01', '3D000']);

export interface ReadyServer {
  readonly port: number;
  /** e.g. `18.4` */
  readonly version: string;
}

/** Waits until the application's login can use the running server. Undefined when no server runs, or no longer. */
export async function waitUntilReady(
  layout: Layout,
  secrets: Secrets,
): Promise<ReadyServer | undefined> {
  const deadline = Date.now() + READY_TIMEOUT_MS;
  let last: unknown;
  for (;;) {
    const postmaster = await livePostmaster(layout);
    if (!postmaster) return undefined;
    if (postmaster.ready && postmaster.port) {
      try {
        return { port: postmaster.port, version: await serverVersion(postmaster.port, secrets) };
      } catch (error) {
        last = error;
        const code = error instanceof DatabaseError ? (error.code ?? '') : '';
        if (REFUSED_FOR_GOOD.has(code)) throw refused(layout, error);
      }
    }
    if (Date.now() > deadline) throw unresponsive(layout, postmaster, last);
    await delay(20);
  }
}

/** The URL by which the application logs in. */
export function applicationUrl(port: number, secrets: Secrets): string {
  return `postgres://${APPLICATION_ROLE}:${secrets[APPLICATION_ROLE]}@${HOST}:${port}/${APPLICATION_ROLE}`;
}

async function serverVersion(port: number, secrets: Secrets): Promise<string> {
  const client = new Client({
    connectionString: applicationUrl(port, secrets),
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: CONNECT_TIMEOUT_MS,
    ssl: false,
  });
  // A server that dies meanwhile reports here as well, and an 'error' event without a listener ends the process.
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<{ server_version: string }>('SHOW server_version');
    return rows[0]?.server_version ?? '';
  } finally {
    await client.end().catch(() => undefined);
  }
}

function refused(layout: Layout, cause: unknown): EmbeddedPostgresError {
  return new EmbeddedPostgresError(
    'DATA_DIRECTORY',
    `The embedded PostgreSQL of ${layout.name} refuses the login ${APPLICATION_ROLE} with the password of ` +
      `${layout.secrets}. Put the right file back, or move ${layout.root} away to begin with an empty database. ` +
      USE_ANOTHER_SERVER,
    { cause },
  );
}

function unresponsive(layout: Layout, { pid }: Postmaster, cause: unknown): EmbeddedPostgresError {
  return new EmbeddedPostgresError(
    'START_FAILED',
    `The embedded PostgreSQL of ${layout.name} (process ${pid}) runs, but has not let anybody in for ` +
      `${READY_TIMEOUT_MS / 1000} s. See ${layout.log}; end that process and try again. ${USE_ANOTHER_SERVER}`,
    { cause },
  );
}
