import type { DataSource } from 'typeorm';
import { AdoptionRefusedError } from '../../errors/schemas/adoption-refused.error.js';
import { isInUse, lockTables } from '../catalog/lock-tables.js';
import { lockKey, SHARED_TARGET, setLockTimeout } from '../catalog/schema-target.js';
import { SchemaSession } from '../session/schema-session.js';
import type { ObjectReason } from './plan/choose-objects.js';

/** Limits how long the tables of `public` are waited for, in milliseconds. Meanwhile new statements on them wait too. */
export const LOCK_TIMEOUT_MS = 5000;

/**
 * Runs work in one transaction that holds the locks of `public` and of a tenant's schema, and all tables of `from`.
 *
 * @throws AdoptionRefusedError when other sessions use the tables for longer than the timeout
 */
export async function inAdoption<R>(
  dataSource: DataSource,
  schema: string,
  from: string,
  lockTimeoutMs: number,
  work: (session: SchemaSession) => Promise<R>,
): Promise<R> {
  try {
    return await SchemaSession.run(dataSource, SHARED_TARGET, (session) =>
      session.transaction(async () => {
        session.add(
          setLockTimeout(lockTimeoutMs),
          `SELECT pg_advisory_xact_lock(hashtextextended('${lockKey({ schema })}', 0))`,
        );
        await session.flush();
        await lockTables(session.queryRunner, { schema: from, sqlName: from }, lockTimeoutMs);
        return work(session);
      }),
    );
  } catch (error) {
    if (!isInUse(error)) throw error;
    throw new AdoptionRefusedError(
      schema,
      [
        {
          what: `tables of ${from}`,
          why: `other sessions still used them after ${lockTimeoutMs} ms. Stop the application, or wait until its long queries and transactions end, and run the command again`,
        },
      ],
      { cause: error },
    );
  }
}

/** @throws AdoptionRefusedError if there are obstacles */
export function assertNoObstacles(schema: string, obstacles: readonly ObjectReason[]): void {
  if (obstacles.length > 0) throw new AdoptionRefusedError(schema, obstacles);
}
