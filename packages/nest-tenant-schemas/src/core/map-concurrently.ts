/**
 * Does work for each item, at most `limit` at once, and yields results as they come. The source is read no
 * further ahead than that, so memory does not grow with it. When reading it fails, the results of what has begun come
 * first.
 *
 * @param work must not reject: a failure is a result, too
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
    // Whoever stops reading still waits for what has begun.
    await Promise.allSettled(running);
    await items.return?.();
  }
}

/** A result, with the promise that it came by. */
interface Done<R> {
  readonly promise: Promise<Done<R>>;
  readonly result: R;
}

function start<T, R>(item: T, work: (item: T) => Promise<R>): Promise<Done<R>> {
  const promise: Promise<Done<R>> = work(item).then((result) => ({ promise, result }));
  return promise;
}
