import { setTimeout as sleep } from 'node:timers/promises';
import { EmbeddedPostgresError } from './embedded-postgres.error.js';
import { withLock } from './claims/mutex.js';
import { livePostmaster } from './server/postmaster.js';
import type { Secrets } from './server/secrets.js';
import { ensureRunning } from './server/server.js';
import type { Server } from './server/server.interface.js';

/** Milliseconds from one look at the server's process to the next. One look reads two small files. */
const CHECK_MS = 500;

/** Looks after a server until it is stopped. */
export interface Keeper {
  /** Resolves when no start is under way any more. */
  stop(): Promise<void>;
}

/**
 * Starts the server again, on the same port, whenever its process has ended, for example by `kill -9`. Of several processes
 * that keep it, the first to take the lock starts it. A start that fails is logged once and tried again.
 *
 * @param port of the URL that the application uses
 */
export function keepRunning(server: Server, secrets: Secrets, port: number): Keeper {
  const stopping = new AbortController();
  const watching = watch(server, secrets, port, stopping.signal);
  return {
    stop: () => {
      stopping.abort();
      return watching;
    },
  };
}

async function watch(
  server: Server,
  secrets: Secrets,
  port: number,
  signal: AbortSignal,
): Promise<void> {
  const { layout, log } = server;
  // Of each outage, so that its attempts are not all logged.
  const logged = new Set<'end' | 'problem'>();
  const startAgain = async (): Promise<void> => {
    if (signal.aborted || !(await isGone(server, port))) return;
    if (!logged.has('end')) log('the embedded PostgreSQL has ended, starting it again');
    logged.add('end');
    await ensureRunning(server, secrets, port);
  };
  while (await nextCheck(signal)) {
    try {
      if (await isGone(server, port)) await withLock(layout, startAgain);
      logged.clear();
    } catch (error) {
      if (!logged.has('problem')) log(`${(error as Error).message} Trying again.`);
      logged.add('problem');
    }
  }
}

/** False when watching ends. */
function nextCheck(signal: AbortSignal): Promise<boolean> {
  return sleep(CHECK_MS, true, { signal, ref: false }).catch(() => false);
}

async function isGone(server: Server, port: number): Promise<boolean> {
  const postmaster = await livePostmaster(server.layout);
  if (postmaster?.port !== undefined && postmaster.port !== port) throw moved(server, port);
  return postmaster === undefined;
}

/** A process that found the port taken has started the server on another one. */
function moved({ layout }: Server, port: number): EmbeddedPostgresError {
  return new EmbeddedPostgresError(
    'START_FAILED',
    `Another process started the embedded PostgreSQL of ${layout.name} on another port, because port ${port} was ` +
      'taken. Restart this process to use it.',
  );
}
