import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';

/** Number of attempts, and the pause between them. */
const ATTEMPTS = 5;
const PAUSE_MS = 1000;
const CONNECT_TIMEOUT_MS = 5000;

/**
 * Waits until the database accepts a connection, so that the application can start together with its database server.
 *
 * @param report receives a line for each failed attempt
 * @throws Error after 5 attempts. Its cause is the last failure
 */
export async function awaitDatabase(url: string, report: (line: string) => void): Promise<void> {
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
      report(`The database cannot be reached (attempt ${attempt} of ${ATTEMPTS}): ${reason}`);
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

/** Returns the message of an error. A host with several addresses causes an AggregateError with an empty message. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(reasonOf).join('; ');
  return error instanceof Error ? error.message : String(error);
}
