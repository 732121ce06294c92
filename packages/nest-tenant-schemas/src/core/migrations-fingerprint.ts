import { createHash } from 'node:crypto';

/** Begins the comment that the engine keeps on a schema. */
const PREFIX = 'tenant-schemas ledger';

/**
 * A migrations table in one line, kept as its comment in the transaction of every migration, so that the
 * state of all schemas is one catalogue query: how many migrations, and a hash of their names in order.
 */
export function migrationsFingerprint(names: readonly string[]): string {
  const hash = createHash('sha256').update(names.join('\n')).digest('hex').slice(0, 16);
  return `${PREFIX} ${names.length} ${hash}`;
}
