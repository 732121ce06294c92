import type { ThrottlerStorage } from '@nestjs/throttler';
import { LRUCache } from 'lru-cache';

/** Maximum number of counted addresses and tenants. The least recently used entry is evicted first. */
const MAX_KEYS = 10_000;

interface Count {
  hits: number;
  readonly endsAt: number;
}

/**
 * Counts requests of this process in fixed windows. The window of a key begins with its first request. Its memory is bounded for
 * any number of addresses, unlike that of the throttler's own storage.
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

  /** Returns the count of a key and the seconds until its window ends, without counting a request. */
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
