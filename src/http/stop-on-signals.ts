import { setTimeout as sleep } from 'node:timers/promises';
import { type INestApplication, Logger } from '@nestjs/common';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/**
 * On the first signal: stops accepting, lets running requests finish for at most `timeoutMs`, gives up
 * what the application used, and ends the process: with 0, or with 1 when something had to be broken off.
 * A second signal ends it at once.
 *
 * @param release gives up what the application does not: the embedded server
 */
export function stopOnSignals(
  app: INestApplication,
  timeoutMs: number,
  release: () => Promise<void>,
): void {
  const logger = new Logger('Shutdown');
  let isStopping = false;
  const stop = async (signal: NodeJS.Signals): Promise<void> => {
    logger.log(`${signal}: finishing what runs, for at most ${timeoutMs} ms.`);
    const isDrained = await Promise.race([
      app.close().then(() => true),
      sleep(timeoutMs, false, { ref: false }),
    ]);
    if (!isDrained) {
      logger.warn(`Requests still ran after ${timeoutMs} ms (SHUTDOWN_TIMEOUT_MS): broken off.`);
    }
    await release();
    process.exit(isDrained ? 0 : 1);
  };
  for (const signal of SIGNALS) {
    process.on(signal, () => {
      if (isStopping) {
        logger.warn(`${signal} again: ending at once.`);
        process.exit(1);
      }
      isStopping = true;
      stop(signal).catch((error: unknown) => {
        logger.error(error instanceof Error ? error.message : String(error));
        process.exit(1);
      });
    });
  }
}
