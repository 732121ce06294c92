import { setTimeout as sleep } from 'node:timers/promises';
import { type INestApplication, Logger } from '@nestjs/common';

/**
 * Stops accepting, lets running requests finish for at most `timeoutMs`, and gives up what the application used.
 *
 * @param release gives up what the application does not: the embedded server
 * @returns the exit code: 0, or 1 when requests were broken off
 */
export async function drain(
  app: INestApplication,
  timeoutMs: number,
  release: () => Promise<void>,
): Promise<number> {
  const logger = new Logger('Shutdown');
  logger.log(`Finishing what runs, for at most ${timeoutMs} ms.`);
  const isDrained = await Promise.race([
    app.close().then(() => true),
    sleep(timeoutMs, false, { ref: false }),
  ]);
  if (!isDrained) {
    logger.warn(`Requests still ran after ${timeoutMs} ms (SHUTDOWN_TIMEOUT_MS): broken off.`);
  }
  await release();
  return isDrained ? 0 : 1;
}
