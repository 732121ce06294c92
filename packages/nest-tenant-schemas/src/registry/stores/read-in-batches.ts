import type { Tenant } from '../../interfaces/tenant.interface.js';

/** Rows that are held in memory at a time. */
const BATCH_SIZE = 500;

/**
 * Yields the tenants of a table in the order of their schemas' names.
 *
 * @param read returns at most `limit` tenants whose schema follows `after`, in that order
 */
export async function* readInBatches<T extends Tenant>(
  read: (after: string, limit: number) => Promise<readonly T[]>,
): AsyncGenerator<T> {
  let after = '';
  for (;;) {
    const batch = await read(after, BATCH_SIZE);
    yield* batch;
    const last = batch.at(-1);
    if (!last || batch.length < BATCH_SIZE) return;
    after = last.schema;
  }
}
