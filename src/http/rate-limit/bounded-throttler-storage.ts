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
    let count = this.current(key);
    if (!count) {
      count = { hits: 0, endsAt: Date.now() + ttl };
      this.counts.set(key, count);
    }
    count.hits += 1;
    const seconds = secondsLeft(count);
    return Promise.resolve({
      totalHits: count.hits,
      timeToExpire: seconds,
      isBlocked: count.hits > limit,
      timeToBlockExpire: seconds,
    });
  }

  /** What {@link increment} has counted of a key, with the seconds until its window ends; counts nothing. */
  peek(key: string): { hits: number; seconds: number } | undefined {
    const count = this.current(key);
    return count && { hits: count.hits, seconds: secondsLeft(count) };
  }

  private current(key: string): Count | undefined {
    const count = this.counts.get(key);
    return count && count.endsAt > Date.now() ? count : undefined;
  }
}

function secondsLeft({ endsAt }: Count): number {
  return Math.ceil((endsAt - Date.now()) / 1000);
}
