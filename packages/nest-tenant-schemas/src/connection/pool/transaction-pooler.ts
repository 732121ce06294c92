import pg from 'pg';
import type { DataSource } from 'typeorm';
import type { PostgresDriver } from 'typeorm/driver/postgres/PostgresDriver.js';
import { TenancyOptionsError } from '../../errors/tenancy-options.error.js';
import { backendOf, reportedBackendOf } from '../client/backend.js';

/** Sets the number of checks. A busy pooler may assign the same session many times in a row. */
const CHECKS = 12;
const CHECKS_OF_POOLER = 100;

/**
 * Finds out whether an address leads to a transaction pooler, which may use another session for each
 * transaction. Behind one, settings, locks and LISTEN of a session would affect another client.
 *
 * It opens a transaction on a second connection. If the first connection then uses another session, it is a
 * pooler.
 *
 * @param config address of the server, as node-postgres takes it
 * @throws Error when the address does not accept a connection
 */
export async function isBehindTransactionPooler(
  config: string | pg.ClientConfig,
): Promise<boolean> {
  const [first, second] = [new pg.Client(config), new pg.Client(config)];
  // A broken connection fails its statements. Without a listener, the error event would also end the process.
  for (const client of [first, second]) client.on('error', () => undefined);
  try {
    await first.connect();
    await second.connect();
    const session = await backendOf(first);
    // A pooler reports its own number. The checks find out whether it pools transactions.
    const isPooler = session !== reportedBackendOf(first);
    for (let check = 0; check < (isPooler ? CHECKS_OF_POOLER : CHECKS); check++) {
      await second.query('BEGIN');
      const isOther = (await backendOf(second)) === session || (await backendOf(first)) !== session;
      await second.query('ROLLBACK');
      if (isOther) return true;
    }
    return false;
  } finally {
    await Promise.allSettled([first.end(), second.end()]);
  }
}

const pooled = new WeakMap<DataSource, Promise<boolean>>();

/**
 * Rejects work that needs a lock of a session, such as migrations outside transactions.
 *
 * @throws TenancyOptionsError behind a transaction pooler, because two sessions could hold the lock at once
 */
export async function requireSessions(dataSource: DataSource): Promise<void> {
  const known = pooled.get(dataSource) ?? isPooled(dataSource);
  pooled.set(dataSource, known);
  // The next call repeats a failed check.
  known.catch(() => pooled.delete(dataSource));
  if (!(await known)) return;
  throw new TenancyOptionsError(
    'TenantModule: the DataSource',
    'must be connected to the server itself, past the transaction pooler, for what locks a session',
  );
}

/** Returns whether the DataSource uses a transaction pooler. Replicas hold no locks. */
function isPooled({ driver }: DataSource): Promise<boolean> {
  const { master } = driver as PostgresDriver & { master: pg.Pool };
  return isBehindTransactionPooler(master.options as pg.ClientConfig);
}
