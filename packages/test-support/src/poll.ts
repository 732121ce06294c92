import { setTimeout as delay } from 'node:timers/promises';

/** Waits until `condition` gives a truthy value, and returns it. Fails after `timeoutMs` (default 30 s) with `what`. */
export async function until<T>(
  what: string,
  condition: () => T | Promise<T>,
  timeoutMs = 30_000,
): Promise<NonNullable<Awaited<T>>> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (Date.now() > deadline) throw new Error(`Not within ${timeoutMs} ms: ${what}`);
    await delay(2);
  }
}
