import type { DataSource, QueryRunner } from 'typeorm';
import { dataSourceOf } from '../../../connection/typeorm/typeorm-versions.js';
import { type NamedMigration, planMigrations } from '../../../core/migration-history.js';
import { AdoptionRefusedError } from '../../../errors/schemas/adoption-refused.error.js';
import { MIGRATIONS_TABLE, readCommentStatement } from '../../catalog/migrations-table-comment.js';
import { readMigrationsTable } from '../../catalog/migrations-table.js';
import { onRunner, SHARED_TARGET, type SchemaTarget } from '../../catalog/schema-target.js';
import { isCreateMarker } from '../../lifecycle/create-marker.js';
import { DROP_MARKER } from '../../lifecycle/drop-steps.js';
import { passToOwner } from '../../roles/ownership.js';
import type { TenantRoles } from '../../roles/tenant-roles.js';
import { readTypeormMigrations, typeormMigrationsTable } from '../typeorm-migrations.js';

export interface AdoptExistingOptions {
  readonly applied: string | undefined;
  readonly roles: TenantRoles | undefined;
}

/** Selects all migrations, or none, instead of the name of the newest one that a schema has. */
export const ALL = 'all';
export const NONE = 'none';

/** Holds the migrations that a schema has. */
export interface AppliedMigrations {
  /** The migrations of the history that the schema has, in the order of the history. */
  readonly history: readonly NamedMigration[];
  /** Whether a table of TypeORM in the schema has recorded them. */
  readonly isTypeorms: boolean;
}

/**
 * Reads which migrations a schema has, from the package's table or from that of TypeORM in the schema.
 *
 * @param applied the name of the newest migration that the schema has, `all` or `none`. Needed if no table has recorded any
 * @throws AdoptionRefusedError if the schema does not exist, or if its migrations are not known
 */
export function readApplied(
  dataSource: DataSource,
  schema: string,
  history: readonly NamedMigration[],
  { applied, roles }: AdoptExistingOptions,
): Promise<AppliedMigrations> {
  return onRunner(dataSource, SHARED_TARGET, async (queryRunner) => {
    const recorded = roles
      ? await asOwner(queryRunner, roles, schema, () => readRecorded(queryRunner, schema))
      : await readRecorded(queryRunner, schema);
    if (recorded && applied !== undefined) {
      throw refused(
        schema,
        `table ${recorded.table}`,
        'it records the migrations of the schema. Leave out --applied',
      );
    }
    const names = recorded?.names ?? namesUpTo(schema, history, applied);
    const { unknown } = planMigrations(history, names);
    if (unknown.length > 0) {
      throw new AdoptionRefusedError(
        schema,
        unknown.map((name) => ({
          what: `migration ${name}`,
          why: 'tenantMigrations does not have it. Add it',
        })),
      );
    }
    return {
      history: history.filter(({ name }) => names.includes(name)),
      isTypeorms: recorded?.isTypeorms ?? false,
    };
  });
}

/** Runs a read with the rights of the owner role on a schema, which the role does not own yet. It changes nothing. */
async function asOwner<R>(
  queryRunner: QueryRunner,
  roles: TenantRoles,
  schema: string,
  read: () => Promise<R>,
): Promise<R> {
  await queryRunner.startTransaction();
  try {
    await passToOwner(queryRunner, roles, schema);
    return await read();
  } finally {
    await queryRunner.rollbackTransaction();
  }
}

interface Recorded {
  readonly names: readonly string[];
  readonly table: string;
  readonly isTypeorms: boolean;
}

/** @throws AdoptionRefusedError if the schema does not exist, or if a migration is half done */
async function readRecorded(
  queryRunner: QueryRunner,
  schema: string,
): Promise<Recorded | undefined> {
  const dataSource = dataSourceOf(queryRunner);
  const [found] = (await queryRunner.query(readCommentStatement(schema))) as {
    comment: string | null;
  }[];
  if (!found) {
    throw refused(
      schema,
      'the schema',
      'it does not exist. To create a tenant, run: tenant-schemas create-tenant',
    );
  }
  if (isCreateMarker(found.comment) || found.comment === DROP_MARKER) {
    throw refused(
      schema,
      'the schema',
      'its creation or its drop has not finished. Run: tenant-schemas doctor',
    );
  }
  const rows = await readMigrationsTable(queryRunner, { schema, sqlName: schema } as SchemaTarget);
  const unfinished = rows.find(({ done }) => !done);
  if (unfinished) {
    throw refused(
      schema,
      `migration ${unfinished.name}`,
      'it started but did not finish. Finish or remove it by hand',
    );
  }
  if (rows.length > 0) {
    return { names: rows.map(({ name }) => name), table: MIGRATIONS_TABLE, isTypeorms: false };
  }
  const names = await readTypeormMigrations(queryRunner, dataSource, schema);
  return names && { names, table: typeormMigrationsTable(dataSource), isTypeorms: true };
}

/** @throws AdoptionRefusedError if `applied` is missing, or names no migration */
function namesUpTo(
  schema: string,
  history: readonly NamedMigration[],
  applied: string | undefined,
): readonly string[] {
  const names = history.map(({ name }) => name);
  if (applied === NONE) return [];
  if (applied === ALL) return names;
  if (applied === undefined) {
    throw refused(
      schema,
      'its migrations',
      'no table of the schema records them. Name the newest migration that the schema already contains, ' +
        `or all, or none: --applied ${names.at(-1) ?? ALL}`,
    );
  }
  if (names.includes(applied)) return names.slice(0, names.indexOf(applied) + 1);
  throw refused(
    schema,
    `migration ${applied}`,
    `tenantMigrations does not have it. It has: ${names.join(', ') || 'none'}`,
  );
}

function refused(schema: string, what: string, why: string): AdoptionRefusedError {
  return new AdoptionRefusedError(schema, [{ what, why }]);
}
