// Counts requests in fixed windows, in bounded memory.
import { BoundedThrottlerStorage } from './bounded-throttler-storage.js';

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

it('blocks only a key beyond its limit, until its window ends', async () => {
  const storage = new BoundedThrottlerStorage();
  const blocked = async (key: string): Promise<boolean> =>
    (await storage.increment(key, 60_000, 2)).isBlocked;
  expect([await blocked('a'), await blocked('a'), await blocked('a')]).toEqual([
    false,
    false,
    true,
  ]);
  expect(await blocked('b')).toBe(false);
  jest.advanceTimersByTime(59_999);
  expect(await storage.increment('a', 60_000, 2)).toEqual({
    totalHits: 4,
    timeToExpire: 1,
    isBlocked: true,
    timeToBlockExpire: 1,
  });
  jest.advanceTimersByTime(1);
  expect(await blocked('a')).toBe(false);
});

it('keeps a bounded number of keys, the most recent ones', async () => {
  const storage = new BoundedThrottlerStorage();
  await storage.increment('first', 60_000, 1);
  for (let n = 0; n < 20_000; n++) await storage.increment(`key ${n}`, 60_000, 1);
  expect((storage as unknown as { counts: { size: number } }).counts.size).toBe(10_000);
  expect((await storage.increment('key 19999', 60_000, 1)).isBlocked).toBe(true);
  expect((await storage.increment('first', 60_000, 1)).isBlocked).toBe(false);
});
