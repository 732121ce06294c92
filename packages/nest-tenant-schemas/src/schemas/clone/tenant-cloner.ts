import type { DataSource, QueryRunner } from 'typeorm';
import { plainDataSourceOf } from '../../connection/typeorm/bound-scope.js';
import { type NamedMigration, planMigrations } from '../../core/migration-history.js';
import { POSTGRES_ERROR } from '../../core/postgres-error-codes.js';
import { assertSchemaName } from '../../core/names/schema-name.js';
import { requireRegistryMethods } from '../../core/require-registry-methods.js';
import { joinStatements } from '../../core/sql/statement-batch.js';
import { CloneRefusedError } from '../../errors/schemas/clone-refused.error.js';
import { SchemaAheadError } from '../../errors/schemas/schema-ahead.error.js';
import type { Tenant } from '../../interfaces/tenant.interface.js';
import type { TenantRegistry } from '../../interfaces/tenant-registry.interface.js';
import type { TenantRolesOptions } from '../../interfaces/tenant-roles-options.interface.js';
import { copyData } from './clone-data.js';
import { assertSourceExists, lockSource, sourceTarget } from './clone-source.js';
import { appliedNames, readMigrationsTable } from '../catalog/migrations-table.js';
import { TenantRoles } from '../roles/tenant-roles.js';
import { SchemaBuild } from '../lifecycle/schema-build.js';
import {
  compareDescriptions,
  describeRestored,
  describeSchema,
  type SchemaDifference,
} from '../catalog/schema-comparison.js';
import { SchemaDropper } from '../lifecycle/schema-dropper.js';
import { inSnapshotUnderLocks } from '../catalog/schema-locks.js';
import { searchPathOf, tenantTarget } from '../catalog/schema-target.js';
import { conflictOr } from '../lifecycle/tenant-provisioner.js';

/** Configures a clone. */
export interface CloneOptions {
  /**
   * Whether to copy rows. Without them a clone has the rows that its migrations write, like a new tenant.
   * Default true.
   */
  readonly withData?: boolean;
}

/** Reports the result of a clone. */
export interface CloneResult {
  /** The schema of the clone. */
  readonly schema: string;
  /** Names of the source's migrations, which created the clone. */
  readonly versions: readonly string[];
}

/** Signals that the source was migrated after its history was read. The clone then starts again. */
class SourceChangedError extends Error {}

/** Clones tenants. */
export class TenantCloner<T extends Tenant = Tenant> {
  private readonly dataSource: DataSource;

  /**
   * @param history the migrations of tenants, from `readHistory`
   * @param rolesOptions has no effect unless `isolation` is 'role'
   */
  constructor(
    dataSource: DataSource,
    private readonly registry: TenantRegistry<T>,
    private readonly history: readonly NamedMigration[],
    private readonly rolesOptions?: TenantRolesOptions,
  ) {
    this.dataSource = plainDataSourceOf(dataSource);
  }

  /**
   * Creates a tenant with the structure and the rows of another one, completely or not at all.
   *
   * The source's migrations create the structure, like that of a new tenant. It is not copied, because
   * functions name their own schema. One transaction then copies the rows of one snapshot. Meanwhile others
   * may write to the source, but not migrate it. Sequences keep their states, and materialized views are
   * refreshed.
   *
   * @throws TenancyOptionsError before a statement is sent, if the registry has no `insert`
   * @throws SchemaNameInvalidError before a statement is sent
   * @throws TenantNotFoundError when the source's schema does not exist
   * @throws TenantConflictError when the target's name, id or schema is taken
   * @throws SchemaAheadError when the source has migrations that this code does not have
   * @throws CloneRefusedError when the source's structure differs from its migrations, or its rows cannot be
   *   copied
   */
  async clone(source: T, target: T, { withData = true }: CloneOptions = {}): Promise<CloneResult> {
    assertSchemaName(source.schema);
    assertSchemaName(target.schema);
    try {
      return await this.build(source, target, withData);
    } catch (error) {
      if (error instanceof SourceChangedError) return this.clone(source, target, { withData });
      throw conflictOr(error, target.schema);
    }
  }

  private build(source: T, target: T, withData: boolean): Promise<CloneResult> {
    const { dataSource } = this;
    const registry = requireRegistryMethods(this.registry, 'insert');
    let history: readonly NamedMigration[] = [];
    return SchemaBuild.run(
      dataSource,
      tenantTarget(target),
      new SchemaDropper(dataSource, registry),
      {
        roles: TenantRoles.of(dataSource, this.rolesOptions),
        prepare: async (queryRunner) => {
          await assertSourceExists(queryRunner, source.schema);
          history = await this.historyOf(queryRunner, source);
          await registry.insert(queryRunner.manager, target);
          return history;
        },
        finish: ({ queryRunner }, build) =>
          inSnapshotUnderLocks(queryRunner, tenantTarget(target), source.schema, async () => {
            await queryRunner.query(build.assertCreateMarker);
            await lockSource(queryRunner, source.schema);
            const now = await this.historyOf(queryRunner, source);
            if (namesOf(now) !== namesOf(history)) throw new SourceChangedError();
            await registry.insert(queryRunner.manager, target);
            await this.compareAndCopy(queryRunner, source, target, withData);
            await queryRunner.query(joinStatements(build.finish()));
            return { schema: target.schema, versions: history.map(({ name }) => name) };
          }),
      },
    );
  }

  private async compareAndCopy(
    queryRunner: QueryRunner,
    source: T,
    target: T,
    withData: boolean,
  ): Promise<void> {
    const path = searchPathOf(this.dataSource, tenantTarget(target));
    await queryRunner.query(`SET LOCAL search_path TO ${path}`);
    const built = await describeSchema(queryRunner, target.schema, [source.schema]);
    const found = await describeSchema(queryRunner, source.schema, [target.schema]);
    if (isDifferent(compareDescriptions(built, found))) {
      const restored = await describeRestored(queryRunner, target.schema, [source.schema]);
      const difference = compareDescriptions(built, found, restored);
      if (isDifferent(difference)) throw new CloneRefusedError(source.schema, difference);
    }
    if (withData) {
      await copyData(queryRunner, source.schema, target.schema).catch((error: unknown) => {
        throw refusedRows(source.schema, error) ?? error;
      });
    }
  }

  /** Returns the source's migrations, in the order in which they were applied. */
  private async historyOf(
    queryRunner: QueryRunner,
    { schema }: T,
  ): Promise<readonly NamedMigration[]> {
    const applied = appliedNames(await readMigrationsTable(queryRunner, sourceTarget(schema)));
    const { unknown } = planMigrations(this.history, applied);
    if (unknown.length > 0) throw new SchemaAheadError(schema, unknown);
    return applied.flatMap((name) => this.history.find((named) => named.name === name) ?? []);
  }
}

function isDifferent({ missing, extra }: SchemaDifference): boolean {
  return missing.length + extra.length > 0;
}

/**
 * Names the server's function that rejects a statement if a policy would hide rows. The error contains it in
 * every language.
 */
const POLICY_CHECK = 'check_enable_rls';

/**
 * Returns an error for rows that violate a CHECK now, although they did not when they were written. It also
 * covers rows that a policy hides.
 */
function refusedRows(schema: string, error: unknown): CloneRefusedError | undefined {
  const { code, message, routine } = error as {
    readonly code?: unknown;
    readonly message?: string;
    readonly routine?: unknown;
  };
  if (routine === POLICY_CHECK) {
    return new CloneRefusedError(
      schema,
      `${message}, which would hide rows from the clone. Clone as a login with BYPASSRLS, or turn the policy off for the owner ` +
        'by a migration: ALTER TABLE … NO FORCE ROW LEVEL SECURITY.',
      { cause: error },
    );
  }
  if (code !== POSTGRES_ERROR.checkViolation) return undefined;
  return new CloneRefusedError(
    schema,
    `its rows break one of its own constraints (${message}). A function that the constraint calls gives another result ` +
      'than when the rows were written. Correct the rows, or make the constraint NOT VALID by a migration.',
    { cause: error },
  );
}

const namesOf = (history: readonly NamedMigration[]): string =>
  history.map(({ name }) => name).join();
