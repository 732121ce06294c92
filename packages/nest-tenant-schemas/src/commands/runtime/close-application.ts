import type { INestApplicationContext } from '@nestjs/common';
import { setTimeout as sleep } from 'node:timers/promises';
import { printProblem } from '../terminal/output/output.js';

/** How long a command waits for the application to close, in milliseconds. */
const LIMIT_MS = 30_000;

/** Closes the application. Reports a failure, and a close that takes too long. Neither changes the result of the command. */
export async function closeApplication(
  application: Pick<INestApplicationContext, 'close'>,
  limitMs = LIMIT_MS,
): Promise<void> {
  const timer = new AbortController();
  const late = sleep(limitMs, undefined, timer).then(() => {
    throw new Error(`it did not close within ${limitMs / 1000} s.`);
  });
  try {
    await Promise.race([application.close(), late]);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    printProblem(`The application failed to close: ${reason}`);
  } finally {
    late.catch(() => undefined);
    timer.abort();
  }
}
