import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';

/** Attempts before giving up, and the pause between them. */
const ATTEMPTS = 5;
const PAUSE_MS = 1000;
const CONNECT_TIMEOUT_MS = 5000;

/**
 * Waits until a database answers, so that an application may start together with its server.
 *
 * @param tell takes a line for each attempt that failed
 * @throws Error with the last reason after 5 attempts
 */
export async function awaitDatabase(url: string, tell: (line: string) => void): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const client = new pg.Client({
      connectionString: url,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    });
    // An error event after a failed connect would end the process.
    client.on('error', () => undefined);
    try {
      await client.connect();
      await client.end();
      return;
    } catch (error) {
      const reason = reasonOf(error);
      tell(`The database cannot be reached (attempt ${attempt} of ${ATTEMPTS}): ${reason}`);
      if (attempt === ATTEMPTS) {
        throw new Error(
          'The database cannot be reached. Check DATABASE_URL, that the database server runs, and that it accepts this ' +
            'login. To use the embedded PostgreSQL, unset DATABASE_URL.',
          { cause: error },
        );
      }
      await sleep(PAUSE_MS);
    }
  }
}

/** A host of several addresses gives an AggregateError, whose own message is empty. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(reasonOf).join('; ');
  return error instanceof Error ? error.message : String(error);
}
