import { TenancyOptionsError } from '../errors/tenancy-options.error.js';
import type { MigrationClass, TenantMigration } from '../interfaces/tenant-migration.interface.js';

/** The two histories, which never mix. */
export type MigrationHistoryName = 'shared' | 'tenant';

/** A migration of a history, by the name that the migrations table keeps. */
export interface NamedMigration {
  readonly name: string;
  readonly migration: TenantMigration;
}

/** TypeORM ends the names that it generates with the time in milliseconds. */
const TIMESTAMP = /\d{13}$/;

/**
 * The migrations of a history in the order of their timestamps, which is the order they run in.
 *
 * @param option where the history was given, for the error, e.g. `tenantMigrations`
 * @throws TenancyOptionsError for a name without a timestamp, a name or timestamp that stands twice, or a
 *   migration outside transactions that does not say how it runs in a new schema
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
    const other = seen.get(timestamp);
    if (other !== undefined) {
      throw new TenancyOptionsError(option, `must not repeat a timestamp (${other} and ${name})`);
    }
    seen.set(timestamp, name);
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

/** What a schema still needs, and what it has that the code does not know. */
export interface MigrationPlan {
  readonly pending: readonly NamedMigration[];
  /** Names in the migrations table that no migration has: the schema is ahead of this code. */
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
    unknown: applied.filter((name) => !known.has(name)),
  };
}

function timestampOf(name: string): number {
  return Number(TIMESTAMP.exec(name)?.[0]);
}
