import pg from 'pg';
import type { DataSource } from 'typeorm';
import type { PostgresDriver } from 'typeorm/driver/postgres/PostgresDriver.js';
import { TenancyOptionsError } from '../../errors/tenancy-options.error.js';
import { backendOf, reportedBackendOf } from '../client/backend.js';

/** Looks taken: at a busy pooler one may by chance be given the same session twice, and so many times. */
const CHECKS = 12;
const CHECKS_OF_POOLER = 100;

/**
 * Whether an address leads through a pooler that gives a connection another session for each transaction:
 * what is set in a session, locked for it or listened to there is another client's at the next one. Seen by
 * what it does: while a second connection holds a transaction, the first one's session is another.
 *
 * @throws Error when the address cannot be connected to
 */
export async function isBehindTransactionPooler(
  config: string | pg.ClientConfig,
): Promise<boolean> {
  const [first, second] = [new pg.Client(config), new pg.Client(config)];
  // A connection that breaks fails its statements; without a listener it would end the process as well.
  for (const client of [first, second]) client.on('error', () => undefined);
  try {
    await first.connect();
    await second.connect();
    const session = await backendOf(first);
    // A pooler tells its own number. Whether it is one for transactions is what is looked for.
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
 * Refuses work that holds a lock for a session, as migrations outside transactions do.
 *
 * @throws TenancyOptionsError behind a transaction pooler, where two could hold it at once
 */
export async function requireSessions(dataSource: DataSource): Promise<void> {
  const known = pooled.get(dataSource) ?? isPooled(dataSource);
  pooled.set(dataSource, known);
  // What could not be found out is asked again.
  known.catch(() => pooled.delete(dataSource));
  if (!(await known)) return;
  throw new TenancyOptionsError(
    'TenantModule: the DataSource',
    'must be connected to the server itself, past the transaction pooler, for what locks a session',
  );
}

/** Whether any of the DataSource's pools, replicas included, is behind a transaction pooler. */
async function isPooled({ driver }: DataSource): Promise<boolean> {
  const { master, slaves } = driver as PostgresDriver & { master: pg.Pool; slaves: pg.Pool[] };
  for (const { options } of [master, ...slaves]) {
    if (await isBehindTransactionPooler(options as pg.ClientConfig)) return true;
  }
  return false;
}
