import { TenancyOptionsError } from '../errors/tenancy-options.error.js';
import type { MigrationClass, TenantMigration } from '../interfaces/tenant-migration.interface.js';

/** Names the two histories, which never mix. */
export type MigrationHistoryName = 'shared' | 'tenant';

/** Pairs a migration with its name in the migrations table. */
export interface NamedMigration {
  readonly name: string;
  readonly migration: TenantMigration;
}

/**
 * Marks a migration that may have the timestamp of another one, like in TypeORM. They run in the order of their list.
 * Internal.
 */
export const ALLOWS_EQUAL_TIMESTAMPS = Symbol('ALLOWS_EQUAL_TIMESTAMPS');

/** Returns whether a migration is one of a single-tenant application. */
export function isSingleTenant(migration: TenantMigration): boolean {
  return ALLOWS_EQUAL_TIMESTAMPS in migration;
}

/** Matches the time in milliseconds at the end of a name that TypeORM generates. */
const TIMESTAMP = /\d{13}$/;

/**
 * Returns the migrations of a history in the order of their timestamps. They run in this order.
 *
 * @param option names the option in error messages, for example `tenantMigrations`
 * @throws TenancyOptionsError for a name without a timestamp, and for a repeated name or timestamp. Migrations of
 *   `singleTenantMigrations` may repeat a timestamp
 * @throws TenancyOptionsError for a migration with `transaction = false` that has no `upInNewSchema`
 */
export function readHistory(
  classes: readonly MigrationClass[],
  option: string,
): readonly NamedMigration[] {
  const history = classes.map((Migration) => {
    const migration = new Migration();
    return { name: migration.name ?? Migration.name, migration };
  });
  const seen = new Map<string, string>();
  for (const { name, migration } of history) {
    const timestamp = TIMESTAMP.exec(name)?.[0];
    if (timestamp === undefined) {
      throw new TenancyOptionsError(
        option,
        `must have names that end in a timestamp (got ${name})`,
      );
    }
    const isTypeOrms = isSingleTenant(migration);
    const key = isTypeOrms ? name : timestamp;
    const other = seen.get(key);
    if (other !== undefined) {
      const repeated = isTypeOrms ? `a name (${name})` : `a timestamp (${other} and ${name})`;
      throw new TenancyOptionsError(option, `must not repeat ${repeated}`);
    }
    seen.set(key, name);
    if (migration.transaction === false && !migration.upInNewSchema) {
      throw new TenancyOptionsError(
        option,
        `must give ${name} an upInNewSchema(): in a new schema each migration runs in a transaction, ` +
          'also one with transaction = false',
      );
    }
  }
  return history.toSorted((one, two) => timestampOf(one.name) - timestampOf(two.name));
}

/**
 * The engine's own migrations. They stay applied in a database whose application has moved its tenants into another
 * registry, and are then not in its history.
 */
const OWN_MIGRATIONS: ReadonlySet<string> = new Set(['CreateTenantsTable1400000000000']);

/** Lists the difference between a history and a migrations table. */
export interface MigrationPlan {
  readonly pending: readonly NamedMigration[];
  /** Names in the migrations table that the history does not have: the schema is ahead of this code. */
  readonly unknown: readonly string[];
}

/** Compares a history with a migrations table. */
export function planMigrations(
  history: readonly NamedMigration[],
  applied: readonly string[],
): MigrationPlan {
  const done = new Set(applied);
  const known = new Set(history.map(({ name }) => name));
  return {
    pending: history.filter(({ name }) => !done.has(name)),
    unknown: applied.filter((name) => !known.has(name) && !OWN_MIGRATIONS.has(name)),
  };
}

function timestampOf(name: string): number {
  return Number(TIMESTAMP.exec(name)?.[0]);
}
