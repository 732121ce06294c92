/**
 * Runs work for each item, at most `limit` at once, and yields each result when it is ready. It reads at most
 * `limit` items ahead, so memory does not grow with the source. If reading fails, it first yields the results
 * of the started work, and then throws the error.
 *
 * @param work must not reject: return a failure as a result
 */
export async function* mapConcurrently<T, R>(
  source: AsyncIterable<T>,
  limit: number,
  work: (item: T) => Promise<R>,
): AsyncGenerator<R> {
  const items = source[Symbol.asyncIterator]();
  const running = new Set<Promise<Done<R>>>();
  let hasMore = true;
  let failure: { readonly error: unknown } | undefined;
  try {
    for (;;) {
      while (hasMore && running.size < limit) {
        const next = await items.next().catch((error: unknown) => {
          failure = { error };
        });
        hasMore = next !== undefined && !next.done;
        if (next && !next.done) running.add(start(next.value, work));
      }
      if (running.size === 0) break;
      const { promise, result } = await Promise.race(running);
      running.delete(promise);
      yield result;
    }
    if (failure) throw failure.error;
  } finally {
    // A reader that stops early still waits for the started work.
    await Promise.allSettled(running);
    await items.return?.();
  }
}

/** Holds a result and the promise that delivered it. */
interface Done<R> {
  readonly promise: Promise<Done<R>>;
  readonly result: R;
}

function start<T, R>(item: T, work: (item: T) => Promise<R>): Promise<Done<R>> {
  const promise: Promise<Done<R>> = work(item).then((result) => ({ promise, result }));
  return promise;
}
