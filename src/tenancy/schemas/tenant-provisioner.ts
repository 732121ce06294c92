import type { DataSource, EntityManager, QueryRunner } from 'typeorm';
import { TENANT_SCHEMA } from '../core/marker.js';
import type { NamedMigration } from '../core/migration-history.js';
import { POSTGRES_ERROR } from '../core/postgres-error-codes.js';
import { quoteIdentifier } from '../core/quote-identifier.js';
import { TenantConflictError } from '../errors/tenant-conflict.error.js';
import type { Tenant } from '../interfaces/tenant.interface.js';
import type { TenantRegistry } from '../interfaces/tenant-registry.interface.js';
import type { TenantRolesOptions } from '../interfaces/tenant-roles-options.interface.js';
import { createLedgerStatement, recordStatements } from './migration-ledger.js';
import { MigrationRecorder } from './migration-recorder.js';
import { TenantRoles } from './roles/tenant-roles.js';
import { SchemaDropper, type SchemaDropperOptions } from './schema-dropper.js';
import { inLockedTransaction, type SchemaTarget, tenantTarget } from './schema-target.js';
import { inBatches, type RunMigration, StatementBatch } from './statement-batch.js';

const SCHEMA = quoteIdentifier(TENANT_SCHEMA);

const upInNewSchema: RunMigration = (migration, queryRunner) =>
  (migration.upInNewSchema ?? migration.up).call(migration, queryRunner);

/** Writes what a new tenant begins with. */
export type FillTenant = (manager: EntityManager) => Promise<void>;

/** Makes and drops tenants: registry row, schema, role, tables and ledger, whole or not at all. */
export class TenantProvisioner<T extends Tenant = Tenant> {
  private readonly recorder: MigrationRecorder;

  constructor(
    private readonly dataSource: DataSource,
    private readonly registry: TenantRegistry<T>,
    private readonly history: readonly NamedMigration[],
    private readonly rolesOptions?: TenantRolesOptions,
  ) {
    this.recorder = new MigrationRecorder(dataSource);
  }

  /**
   * Creates a tenant in one transaction, in five round trips where its migrations need no answers.
   *
   * @param fill writes what the tenant begins with, in its context and as part of the transaction; called
   *   again when the first attempt was rolled back
   * @throws SchemaNameInvalidError before anything is sent
   * @throws TenantConflictError when its name, id or schema is taken
   * @throws MigrationFailedError when the tenant history does not apply; nothing is left
   */
  async create(tenant: T, fill?: FillTenant): Promise<void> {
    try {
      await inBatches(this.recorder, (recorder) => this.provision(tenant, fill, recorder));
    } catch (error) {
      throw conflictOr(error, tenant.schema);
    }
  }

  /** Drops a tenant's row, schema and role, with all that is in it, as {@link SchemaDropper} does. */
  drop(tenant: T, options?: SchemaDropperOptions): Promise<void> {
    return new SchemaDropper(this.dataSource, this.registry, options).drop(tenant);
  }

  private provision(
    tenant: T,
    fill: FillTenant | undefined,
    recorder: MigrationRecorder | undefined,
  ): Promise<void> {
    const target = tenantTarget(tenant);
    return inLockedTransaction(this.dataSource, target, async (queryRunner) => {
      await this.registry.insert(queryRunner.manager, tenant);
      const roles = TenantRoles.of(this.dataSource, this.rolesOptions);
      await buildSchema(queryRunner, target, this.history, recorder, roles);
      await fill?.(queryRunner.manager);
    });
  }
}

/**
 * Makes a schema, its tables, its ledger and, where tenants have roles, its role. Part of the runner's
 * transaction, and its end.
 *
 * @throws BatchFailedError, MigrationFailedError
 */
export async function buildSchema(
  queryRunner: QueryRunner,
  target: SchemaTarget,
  history: readonly NamedMigration[],
  recorder: MigrationRecorder | undefined,
  roles?: TenantRoles,
): Promise<void> {
  const batch = new StatementBatch(queryRunner, target.schema, recorder);
  batch.add(`CREATE SCHEMA ${SCHEMA}`, createLedgerStatement(target));
  if (roles) batch.add(...roles.createStatements(target.schema), ...roles.useStatements(target));
  for (const named of history) await batch.run(named, upInNewSchema);
  const names = history.map(({ name }) => name);
  batch.add(...recordStatements(target, [], names));
  if (roles) batch.add(roles.joinStatement(target.schema));
  await batch.send();
}

/** What the user is told of an error: that the schema exists already, or the error itself. */
export function conflictOr(error: unknown, schema: string): unknown {
  return (error as { code?: unknown }).code === POSTGRES_ERROR.duplicateSchema
    ? new TenantConflictError(`schema "${schema}"`, { cause: error })
    : error;
}
