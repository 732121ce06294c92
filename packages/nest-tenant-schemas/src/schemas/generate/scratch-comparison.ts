import type { DataSource } from 'typeorm';
import { tenantContext } from '../../context/tenant-context.js';
import { hasPlaceholder, TENANT_SCHEMA } from '../../core/names/schema-placeholder.js';
import {
  isSingleTenant,
  type MigrationHistoryName,
  type NamedMigration,
} from '../../core/migration-history.js';
import { POSTGRES_ERROR } from '../../core/postgres-error-codes.js';
import { MigrationFailedError } from '../../errors/schemas/migration-failed.error.js';
import { MigrationNotGeneratedError } from '../../errors/schemas/migration-not-generated.error.js';
import type { MigrationStatements } from './migration-template.js';
import { inLockedTransaction, SHARED_SCHEMA, type SchemaTarget } from '../catalog/schema-target.js';
import { readDifference } from '../catalog/typeorm-metadata.js';
import type { ScratchExtensions } from './scratch-extensions.js';

/** Holds the statements of each history, ready to run. */
export type Difference = Readonly<Record<MigrationHistoryName, MigrationStatements>>;

/** Lists the errors of a migration that names an object of a missing extension. */
const MISSING: ReadonlySet<unknown> = new Set([
  POSTGRES_ERROR.undefinedFunction,
  POSTGRES_ERROR.undefinedObject,
  POSTGRES_ERROR.undefinedTable,
]);

/** Returns whether a migration may lack an extension, or its schema. */
function lacksExtension({ code, routine }: { code?: unknown; routine?: unknown }): boolean {
  // CREATE TABLE without a schema name has the same code, and another routine.
  const lacksSchema = code === POSTGRES_ERROR.undefinedSchema && routine === 'get_namespace_oid';
  return lacksSchema || MISSING.has(code);
}

/**
 * Applies a history like in a new schema, with one transaction for each migration. If a migration lacks an extension, it runs
 * again with the extensions of the application's database.
 *
 * @throws MigrationFailedError
 */
export async function applyHistory(
  dataSource: DataSource,
  schema: string,
  history: readonly NamedMigration[],
  extensions: ScratchExtensions,
): Promise<void> {
  for (const named of history) {
    while (!(await isApplied(dataSource, schema, named, extensions)));
  }
}

/** Applies a migration. Returns false if it failed, and has further extensions now. */
async function isApplied(
  dataSource: DataSource,
  schema: string,
  { name, migration }: NamedMigration,
  extensions: ScratchExtensions,
): Promise<boolean> {
  try {
    await inLockedTransaction(dataSource, scratchTarget(schema), async (queryRunner) => {
      const path = searchPathFor(schema, isSingleTenant(migration), extensions);
      await queryRunner.query(`SET LOCAL search_path TO ${path}`);
      await (migration.upInNewSchema ?? migration.up).call(migration, queryRunner);
    });
    return true;
  } catch (error) {
    if (lacksExtension(error as object)) {
      if (await extensions.provideNext()) return false;
      (error as Error).message += extensions.explanation;
    }
    throw new MigrationFailedError(schema, name, error);
  }
}

function searchPathFor(schema: string, isSingle: boolean, extensions: ScratchExtensions): string {
  if (isSingle) return extensions.pathOf(schema);
  return extensions.isInPath ? extensions.pathOfNames(schema === SHARED_SCHEMA) : "''";
}

/** Returns what TypeORM would change in the database, by history. */
export async function compare(dataSource: DataSource): Promise<Difference> {
  const { up, down } = await readDifference(dataSource);
  return {
    shared: { up: up.filter(lacksPlaceholder), down: down.filter(lacksPlaceholder) },
    tenant: { up: up.filter(hasPlaceholder), down: down.filter(hasPlaceholder) },
  };
}

/**
 * Runs the generated statements and compares again. TypeORM may have put a statement of the other history
 * before one of these. It also writes some differences again each time.
 *
 * @param path search path of the statements
 */
export async function rehearseUp(
  history: MigrationHistoryName,
  dataSource: DataSource,
  difference: Difference,
  path: string,
): Promise<void> {
  // The tenants' migration is generated only if the shared one has no difference.
  const isAlone = history === 'tenant' || difference.tenant.up.length === 0;
  const schema = history === 'shared' ? SHARED_SCHEMA : TENANT_SCHEMA;
  await inLockedTransaction(dataSource, scratchTarget(schema), async (queryRunner) => {
    await queryRunner.query(`SET LOCAL search_path TO ${path}`);
    for (const statement of difference[history].up) {
      await queryRunner.query(statement).catch((error: Error) => {
        throw new MigrationNotGeneratedError(
          history,
          `The SQL of TypeORM fails: ${error.message}, in ${excerpt([statement])}. ` +
            (isAlone
              ? 'Write this migration by hand.'
              : 'The tenant entities also differ from their migrations. First change only the tenant entities, ' +
                'generate their migration, and then generate this one.'),
          { cause: error },
        );
      });
    }
  });
  const left = (await compare(dataSource))[history].up;
  if (left.length > 0) {
    throw new MigrationNotGeneratedError(
      history,
      `TypeORM would write ${excerpt(left)} again after this migration, every time. Write the default, check or ` +
        'type in the entity as PostgreSQL returns it (e.g. now() for NOW()), or set synchronize of the entity to false.',
    );
  }
}

/**
 * Runs `down` after `up`. TypeORM's `down` is not always right, but a person can correct it later. So a
 * failure does not reject the migration.
 */
export async function rehearseDown(
  dataSource: DataSource,
  { down }: MigrationStatements,
  path: string,
): Promise<string | undefined> {
  let running = '';
  try {
    await inLockedTransaction(dataSource, scratchTarget(SHARED_SCHEMA), async (queryRunner) => {
      await queryRunner.query(`SET LOCAL search_path TO ${path}`);
      for (running of down) await queryRunner.query(running);
    });
    return undefined;
  } catch (error) {
    return `${(error as Error).message}, in ${excerpt([running])}`;
  }
}

function lacksPlaceholder(statement: string): boolean {
  return !hasPlaceholder(statement);
}

function scratchTarget(schema: string): SchemaTarget {
  return { schema, sqlName: schema, enter: (work) => tenantContext.runWithoutTenant(work) };
}

/** Returns the first statement, shortened, and the number of further ones. */
export function excerpt([first = '', ...more]: readonly string[]): string {
  const shown = first.length > 100 ? `${first.slice(0, 100)}…` : first;
  return more.length === 0 ? shown : `${shown} and ${more.length} more`;
}
