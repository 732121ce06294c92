// Bounded concurrency over an endless source: never more at once, never further ahead, every result once.
import { mapConcurrently } from './map-concurrently.js';

async function* upTo(count: number, read: number[] = []): AsyncGenerator<number> {
  for (let item = 0; item < count; item++) {
    read.push(item);
    yield item;
  }
}

const tick = (): Promise<void> => new Promise(setImmediate);

it('yields every result once, in the order of completion', async () => {
  const results: number[] = [];
  const work = async (item: number): Promise<number> => {
    for (let wait = item % 5; wait > 0; wait--) await tick();
    return item;
  };
  for await (const result of mapConcurrently(upTo(50), 7, work)) results.push(result);
  expect(results.toSorted((one, two) => one - two)).toEqual(
    Array.from({ length: 50 }, (_, i) => i),
  );
});

it.each([1, 3, 100])('does at most %i at once', async (limit) => {
  let running = 0;
  let most = 0;
  const work = async (): Promise<void> => {
    most = Math.max(most, ++running);
    await tick();
    running -= 1;
  };
  let count = 0;
  for await (const _result of mapConcurrently(upTo(20), limit, work)) count += 1;
  expect([count, most]).toEqual([20, Math.min(limit, 20)]);
});

it('reads no further ahead than it works, and waits for what has begun when reading stops', async () => {
  const read: number[] = [];
  let finished = 0;
  const work = async (): Promise<void> => {
    await tick();
    finished += 1;
  };
  for await (const _result of mapConcurrently(upTo(1000, read), 4, work)) break;
  expect(read).toHaveLength(4);
  expect(finished).toBe(4);
});

it('hands on the error of its source, after the results of what has begun', async () => {
  let finished = 0;
  const results: number[] = [];
  async function* broken(): AsyncGenerator<number> {
    yield 1;
    throw new Error('the registry is away');
  }
  const all = async (): Promise<void> => {
    const work = async (): Promise<number> => {
      await tick();
      return (finished += 1);
    };
    for await (const result of mapConcurrently(broken(), 4, work)) results.push(result);
  };
  await expect(all()).rejects.toThrow('the registry is away');
  expect(results).toEqual([1]);
});
