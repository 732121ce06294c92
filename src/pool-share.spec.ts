// DATABASE_POOL_SIZE is the total of all workers: shared out whole, and nobody is left without a connection.
import { poolShare } from './pool-share.js';

const shares = (total: number, workers: number): number[] =>
  Array.from({ length: workers }, (_, place) => poolShare(total, workers, place));

it.each([
  [10, 1, [10]],
  [10, 2, [5, 5]],
  [10, 4, [3, 3, 2, 2]],
  [4, 4, [1, 1, 1, 1]],
  [2, 4, [1, 1, 1, 1]],
])('shares %i connections among %i workers as %j', (total, workers, expected) => {
  expect(shares(total, workers)).toEqual(expected);
});
