import { setTimeout as sleep } from 'node:timers/promises';
import { EmbeddedPostgresError } from './embedded-postgres.error.js';
import { withLock } from './claims/mutex.js';
import { livePostmaster } from './server/postmaster.js';
import type { Secrets } from './server/secrets.js';
import { ensureRunning } from './server/server.js';
import type { Server } from './server/server.interface.js';

/** Milliseconds between two checks of the server's process. A check reads two small files. */
const CHECK_MS = 500;

/** Restarts a server until `stop()`. */
export interface Keeper {
  /** Ends the checks. Resolves when a start that already runs has finished. */
  stop(): Promise<void>;
}

/**
 * Restarts the server on the same port whenever its process has ended, for example by `kill -9`. If several processes keep the
 * server running, the first one that gets the lock restarts it. A failed start is logged once and retried.
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
  // Messages of the current outage. Each is logged once, not for each attempt.
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

/** Waits until the next check is due. Returns false if `stop()` was called. */
function nextCheck(signal: AbortSignal): Promise<boolean> {
  return sleep(CHECK_MS, true, { signal, ref: false }).catch(() => false);
}

async function isGone(server: Server, port: number): Promise<boolean> {
  const postmaster = await livePostmaster(server.layout);
  if (postmaster?.port !== undefined && postmaster.port !== port) throw moved(server, port);
  return postmaster === undefined;
}

/** Returns the error for a server that another process started on another port. */
function moved({ layout }: Server, port: number): EmbeddedPostgresError {
  return new EmbeddedPostgresError(
    'START_FAILED',
    `Another process started the embedded PostgreSQL of ${layout.name} on another port, because port ${port} was ` +
      'taken. Restart this process to use it.',
  );
}
