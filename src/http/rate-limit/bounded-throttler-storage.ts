import type { ThrottlerStorage } from '@nestjs/throttler';
import { LRUCache } from 'lru-cache';

/** Most addresses and tenants that are counted at a time; who was seen least recently goes first. */
const MAX_KEYS = 10_000;

interface Count {
  hits: number;
  readonly endsAt: number;
}

/**
 * Counts in this process, by fixed windows: the window of a key begins with its first request. Bounded,
 * whatever number of addresses asks; the throttler's own storage is not.
 */
export class BoundedThrottlerStorage implements ThrottlerStorage {
  private readonly counts = new LRUCache<string, Count>({ max: MAX_KEYS });

  /** @param ttl length of the window in milliseconds */
  increment(key: string, ttl: number, limit: number): ReturnType<ThrottlerStorage['increment']> {
    const now = Date.now();
    let count = this.counts.get(key);
    if (!count || count.endsAt <= now) {
      count = { hits: 0, endsAt: now + ttl };
      this.counts.set(key, count);
    }
    count.hits += 1;
    const seconds = Math.ceil((count.endsAt - now) / 1000);
    return Promise.resolve({
      totalHits: count.hits,
      timeToExpire: seconds,
      isBlocked: count.hits > limit,
      timeToBlockExpire: seconds,
    });
  }
}
