import type { QueryRunner } from 'typeorm';
import { migrationsFingerprint } from '../../core/migrations-fingerprint.js';
import { type NamedMigration, planMigrations } from '../../core/migration-history.js';
import { migrationsTableComment, migrationsTableOf } from '../catalog/migrations-table-comment.js';
import { SHARED_SCHEMA, type SchemaTarget } from '../catalog/schema-target.js';
import { type Finding, finding, some } from './finding.js';

/** Holds a migrations table and its comment, as of one time. */
export interface MigrationsTableState {
  readonly comment: string | null;
  /** Names of the applied migrations, in the order in which they began. */
  readonly applied: readonly string[];
  /** Names of migrations that have begun and have not finished. */
  readonly unfinished: readonly string[];
}

/**
 * Reads a migrations table and its comment in one statement, so that no migration runs in between.
 *
 * @returns undefined when the schema does not exist
 */
export async function readMigrationsTableState(
  queryRunner: QueryRunner,
  target: SchemaTarget,
): Promise<MigrationsTableState | undefined> {
  const table = migrationsTableOf(target);
  const [state] = (await queryRunner.query(
    `SELECT ${migrationsTableComment('n.oid')} AS comment,
            ARRAY (SELECT name FROM ${table} WHERE applied_at IS NOT NULL ORDER BY position) AS applied,
            ARRAY (SELECT name FROM ${table} WHERE applied_at IS NULL ORDER BY position) AS unfinished
     FROM pg_catalog.pg_namespace AS n WHERE n.nspname = $1`,
    [target.schema],
  )) as MigrationsTableState[];
  return state;
}

/** Returns whether the schema has exactly the history, without a migration that is half done. */
export function isUpToDate(
  state: MigrationsTableState,
  history: readonly NamedMigration[],
): boolean {
  const { pending, unknown } = planMigrations(history, state.applied);
  return pending.length + unknown.length + state.unfinished.length === 0;
}

/** Returns the findings that follow from a migrations table. */
export function migrationsTableFindings(
  schema: string,
  state: MigrationsTableState,
  history: readonly NamedMigration[],
): Finding[] {
  const { applied, comment, unfinished } = state;
  const { pending, unknown } = planMigrations(history, applied);
  const behind = pending.map(({ name }) => name).filter((name) => !unfinished.includes(name));
  const found = unfinished.map((name) =>
    finding(
      'MIGRATION_HALF_DONE',
      schema,
      `Migration ${name} started but did not finish: it is running or was interrupted.`,
      `If it is not running: ${migrateCommand(schema)}`,
    ),
  );
  if (behind.length > 0 || unknown.length > 0)
    found.push(pendingOrUnknown(schema, behind, unknown));
  const fingerprint = migrationsFingerprint(applied);
  if (schema !== SHARED_SCHEMA && comment !== fingerprint) {
    const is =
      comment === null
        ? 'The migrations table has no comment'
        : `The comment of the migrations table is "${comment}"`;
    found.push(
      finding(
        'DIGEST_DIFFERS',
        schema,
        `${is}. The comment must be the fingerprint (number and hash) of its rows, "${fingerprint}". ` +
          'migrate-schemas reads only the comment.',
        `tenant-schemas doctor --fix --schema ${schema}`,
      ),
    );
  }
  return found;
}

/**
 * Returns one finding for a schema that is both behind and ahead, because migrate-schemas rejects it with
 * this code.
 */
function pendingOrUnknown(
  schema: string,
  behind: readonly string[],
  unknown: readonly string[],
): Finding {
  const toRun = `${count('migration', behind)} pending: ${some(behind)}.`;
  if (unknown.length === 0) return finding('SCHEMA_BEHIND', schema, toRun, migrateCommand(schema));
  const unheld = `${count('applied migration', unknown)} not in this code: ${some(unknown)}.`;
  if (behind.length === 0)
    return finding('SCHEMA_AHEAD', schema, unheld, 'Deploy the version that has these migrations.');
  return finding(
    'SCHEMA_AHEAD',
    schema,
    `${unheld} ${toRun}`,
    `Deploy a version that has all of these migrations. Then: ${migrateCommand(schema)}`,
  );
}

function count(what: string, { length }: readonly string[]): string {
  return length === 1 ? `1 ${what} is` : `${length} ${what}s are`;
}

/** Returns the command that brings a schema up to date. */
export function migrateCommand(schema: string): string {
  const which = schema === SHARED_SCHEMA ? '--shared' : `--schema ${schema}`;
  return `tenant-schemas migrate-schemas ${which}`;
}
