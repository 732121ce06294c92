import type { DataSource } from 'typeorm';
import { tenantContext } from '../../context/tenant-context.js';
import { hasPlaceholder, TENANT_SCHEMA } from '../../core/names/schema-placeholder.js';
import {
  isSingleTenant,
  type MigrationHistoryName,
  type NamedMigration,
} from '../../core/migration-history.js';
import { quoteIdentifier } from '../../core/names/quote-identifier.js';
import { MigrationFailedError } from '../../errors/schemas/migration-failed.error.js';
import { MigrationNotGeneratedError } from '../../errors/schemas/migration-not-generated.error.js';
import type { MigrationStatements } from './migration-template.js';
import { inLockedTransaction, SHARED_SCHEMA, type SchemaTarget } from '../catalog/schema-target.js';
import { readDifference } from '../catalog/typeorm-metadata.js';

/** Holds the statements of each history, ready to run. */
export type Difference = Readonly<Record<MigrationHistoryName, MigrationStatements>>;

/** Applies a history like in a new schema, with one transaction for each migration. */
export async function applyHistory(
  dataSource: DataSource,
  schema: string,
  history: readonly NamedMigration[],
): Promise<void> {
  for (const { name, migration } of history) {
    await inLockedTransaction(dataSource, scratchTarget(schema), async (queryRunner) => {
      try {
        if (isSingleTenant(migration)) {
          await queryRunner.query(`SET LOCAL search_path TO ${quoteIdentifier(schema)}, pg_temp`);
        }
        await (migration.upInNewSchema ?? migration.up).call(migration, queryRunner);
      } catch (error) {
        throw new MigrationFailedError(schema, name, error);
      }
    });
  }
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
 */
export async function rehearseUp(
  history: MigrationHistoryName,
  dataSource: DataSource,
  difference: Difference,
): Promise<void> {
  // The tenants' migration is generated only if the shared one has no difference.
  const isAlone = history === 'tenant' || difference.tenant.up.length === 0;
  const schema = history === 'shared' ? SHARED_SCHEMA : TENANT_SCHEMA;
  await inLockedTransaction(dataSource, scratchTarget(schema), async (queryRunner) => {
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
): Promise<string | undefined> {
  let running = '';
  try {
    await inLockedTransaction(dataSource, scratchTarget(SHARED_SCHEMA), async (queryRunner) => {
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
