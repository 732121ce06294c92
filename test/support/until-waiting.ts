import { until } from 'test-support/poll.js';
import type { TestDatabase } from 'test-support/test-database.js';

/**
 * Waits until so many statements in a database wait for a lock, which means that their transactions are open.
 *
 * @param count how many at least. Default 1
 * @param beforeEachLook called before each look, as to send one more
 * @returns the process ids of their sessions on the server
 */
export function untilWaiting(
  database: Pick<TestDatabase, 'sql'>,
  count = 1,
  beforeEachLook?: () => void,
): Promise<readonly number[]> {
  return until(`${count} statements that wait for a lock`, async () => {
    beforeEachLook?.();
    const waiting = await database.sql<{ pid: number }>(
      `SELECT pid FROM pg_stat_activity
       WHERE datname = current_database() AND wait_event_type = 'Lock'`,
    );
    return waiting.length >= count ? waiting.map(({ pid }) => pid) : undefined;
  });
}
