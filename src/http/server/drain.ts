import { setTimeout as sleep } from 'node:timers/promises';
import { type INestApplication, Logger } from '@nestjs/common';

/**
 * Accepts no more connections, waits at most `timeoutMs` for running requests, and closes the application.
 *
 * @param release releases the database, which the application does not close itself
 * @returns the exit code: 0, or 1 if requests were aborted
 */
export async function drain(
  app: INestApplication,
  timeoutMs: number,
  release: () => Promise<void>,
): Promise<number> {
  const logger = new Logger('Shutdown');
  logger.log(`Waiting at most ${timeoutMs} ms for running requests.`);
  const isDrained = await Promise.race([
    app.close().then(() => true),
    sleep(timeoutMs, false, { ref: false }),
  ]);
  if (!isDrained) {
    logger.warn(`Aborting requests that still run after ${timeoutMs} ms (SHUTDOWN_TIMEOUT_MS).`);
  }
  await release();
  return isDrained ? 0 : 1;
}
