import { setTimeout as sleep } from 'node:timers/promises';
import type { INestApplication } from '@nestjs/common';

/**
 * Stops accepting, lets running requests finish for at most `timeoutMs`, and gives up what the application used.
 *
 * @returns the exit code: 0, or 1 when requests were broken off
 */
export async function drain(
  app: INestApplication,
  timeoutMs: number,
  release: () => Promise<void>,
): Promise<number> {
  const isDrained = await Promise.race([
    app.close().then(() => true),
    sleep(timeoutMs, false, { ref: false }),
  ]);
  await release();
  return isDrained ? 0 : 1;
}
