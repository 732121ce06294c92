// Limited tasks: a maximum of concurrent tasks, in order, also after a failed task.
import { WorkLimit, WorkLimitError } from './work-limit.js';

/** Creates tasks that run until `end(id)`. */
function controlledWork(): {
  readonly begun: number[];
  readonly work: (id: number) => () => Promise<number>;
  readonly end: (id: number, error?: Error) => Promise<void>;
} {
  const begun: number[] = [];
  const ends = new Map<number, (error?: Error) => void>();
  return {
    begun,
    work: (id) => () => {
      begun.push(id);
      return new Promise((resolve, reject) => {
        ends.set(id, (error) => (error ? reject(error) : resolve(id)));
      });
    },
    async end(id, error) {
      ends.get(id)?.(error);
      await new Promise(setImmediate);
    },
  };
}

it('starts the maximum number of tasks, and the rest in the order of their calls', async () => {
  const limit = new WorkLimit(2, 10);
  const { begun, work, end } = controlledWork();
  const results = [1, 2, 3, 4].map((id) => limit.run(work(id)));
  expect(begun).toEqual([1, 2]);
  await end(2);
  expect(begun).toEqual([1, 2, 3]);
  await end(1);
  expect(begun).toEqual([1, 2, 3, 4]);
  await end(3);
  await end(4);
  expect(await Promise.all(results)).toEqual([1, 2, 3, 4]);
});

it('starts the next task after a failed task', async () => {
  const limit = new WorkLimit(1, 10);
  const { begun, work, end } = controlledWork();
  const first = limit.run(work(1)).catch((error: Error) => error.message);
  const second = limit.run(work(2));
  await end(1, new Error('no'));
  expect(await first).toBe('no');
  expect(begun).toEqual([1, 2]);
  await end(2);
  expect(await second).toBe(2);
});

it('rejects a task while too many wait, and accepts tasks again later', async () => {
  const limit = new WorkLimit(1, 1);
  const { begun, work, end } = controlledWork();
  const results = [limit.run(work(1)), limit.run(work(2))];
  await expect(limit.run(work(3))).rejects.toThrow(WorkLimitError);
  await end(1);
  await end(2);
  await Promise.all(results);
  const again = limit.run(work(4));
  await end(4);
  expect(await again).toBe(4);
  expect(begun).toEqual([1, 2, 4]);
});
