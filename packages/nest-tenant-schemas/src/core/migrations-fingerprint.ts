import { createHash } from 'node:crypto';

/** Begins the engine's comment on a migrations table. Existing schemas carry it, so the text must not change. */
const PREFIX = 'tenant-schemas ledger';

/**
 * Returns a fingerprint of applied migrations: their number, and a hash of their names in order. Every
 * migration writes it as the comment of the migrations table, in its own transaction. One query of the
 * catalogue then reads the state of all schemas.
 */
export function migrationsFingerprint(names: readonly string[]): string {
  const hash = createHash('sha256').update(names.join('\n')).digest('hex').slice(0, 16);
  return `${PREFIX} ${names.length} ${hash}`;
}
