import { setTimeout as delay } from 'node:timers/promises';
import { Claims, claimant } from './claims.js';
import { EmbeddedPostgresError } from '../embedded-postgres.error.js';
import type { Layout } from '../layout.js';

/** Longer than any start with crash recovery that is still going well. */
const LOCK_TIMEOUT_MS = 180_000;

/**
 * Runs `work` while no other caller, in this process or another, is inside.
 *
 * A caller puts its claim down and then looks: it is inside when its claim is the only one, else it takes the claim back
 * and tries again a little later. Of two that put theirs down at once the later to look sees the other, so never are two
 * inside. There is no lock file to take over from a dead owner, which is where such schemes go wrong: two waiters
 * find the same dead owner, and the slower one removes the lock that the faster one has just made.
 */
export async function withLock<T>(layout: Layout, work: () => Promise<T>): Promise<T> {
  const claims = new Claims(layout.lock);
  const mine = await enter(claims, layout, Date.now() + LOCK_TIMEOUT_MS);
  try {
    return await work();
  } finally {
    await claims.remove(mine);
  }
}

async function enter(claims: Claims, layout: Layout, deadline: number): Promise<string> {
  for (;;) {
    let others = await claims.live();
    if (others.length === 0) {
      const mine = await claims.add();
      try {
        others = (await claims.live()).filter((name) => name !== mine);
        if (others.length === 0) return mine;
      } catch (error) {
        await claims.remove(mine);
        throw error;
      }
      await claims.remove(mine);
    }
    if (Date.now() > deadline) throw timeout(layout, others);
    // Random, so that two which withdrew from each other do not meet again.
    await delay(10 + Math.random() * 40);
  }
}

function timeout(layout: Layout, others: string[]): EmbeddedPostgresError {
  const pids = [...new Set(others.map((name) => claimant(name)))].join(', ');
  return new EmbeddedPostgresError(
    'LOCK_TIMEOUT',
    `Process ${pids} has been busy with the embedded PostgreSQL of ${layout.name} for ${LOCK_TIMEOUT_MS / 1000} s. ` +
      'End that process and try again, or set DATA_DIR to another directory.',
  );
}
