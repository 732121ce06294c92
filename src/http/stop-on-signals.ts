import { setTimeout as sleep } from 'node:timers/promises';
import type { INestApplication } from '@nestjs/common';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/**
 * On the first signal: stops accepting, lets running requests finish for at most `timeoutMs`, gives up
 * what the application used, and ends the process. A second signal ends it at once.
 */
export function stopOnSignals(
  app: INestApplication,
  timeoutMs: number,
  release: () => Promise<void>,
): void {
  let isStopping = false;
  const stop = async (): Promise<void> => {
    const drained = await Promise.race([
      app.close().then(() => true),
      sleep(timeoutMs, false, { ref: false }),
    ]);
    await release();
    process.exit(drained ? 0 : 1);
  };
  for (const signal of SIGNALS) {
    process.on(signal, () => {
      if (isStopping) process.exit(1);
      isStopping = true;
      stop().catch((error: unknown) => {
        process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
        process.exit(1);
      });
    });
  }
}
