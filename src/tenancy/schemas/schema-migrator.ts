import { performance } from 'node:perf_hooks';
import type { DataSource } from 'typeorm';
import { type NamedMigration, planMigrations } from '../core/migration-history.js';
import { MigrationFailedError } from '../errors/migration-failed.error.js';
import { SchemaAheadError } from '../errors/schema-ahead.error.js';
import type { Tenant } from '../interfaces/tenant.interface.js';
import type { TenantRegistry } from '../interfaces/tenant-registry.interface.js';
import { createLedger, readLedger, recordMigrations } from './migration-ledger.js';
import type { MigrationResult } from './migration-result.interface.js';
import {
  inLockedTransaction,
  SHARED_TARGET,
  type SchemaTarget,
  tenantTarget,
} from './schema-target.js';

/** The two histories, which never mix. */
export interface MigrationHistories {
  readonly shared: readonly NamedMigration[];
  readonly tenant: readonly NamedMigration[];
}

/**
 * Applies the histories: one transaction for each migration, under the schema's lock, so that a schema
 * is always before or after a migration and two runs at once apply nothing twice.
 */
export class SchemaMigrator {
  constructor(
    private readonly dataSource: DataSource,
    private readonly registry: TenantRegistry,
    private readonly histories: MigrationHistories,
  ) {}

  /** Brings the shared schema up to date. Its failure is in the result, not thrown. */
  migrateShared(): Promise<MigrationResult> {
    return this.migrate(SHARED_TARGET, this.histories.shared);
  }

  /** Brings one tenant's schema up to date. Its failure is in the result, not thrown. */
  migrateTenant(tenant: Tenant): Promise<MigrationResult> {
    return this.migrate(tenantTarget(tenant), this.histories.tenant);
  }

  /**
   * Brings the shared schema, then every tenant's, up to date, yielding each result. A tenant's failure
   * does not stop the rest; one of the shared schema does, as tenants may rest on it.
   */
  async *migrateAll(): AsyncGenerator<MigrationResult> {
    const shared = await this.migrateShared();
    yield shared;
    if (shared.status === 'failed') return;
    for await (const tenant of this.registry.schemas()) yield await this.migrateTenant(tenant);
  }

  private async migrate(
    target: SchemaTarget,
    history: readonly NamedMigration[],
  ): Promise<MigrationResult> {
    const started = performance.now();
    const versions: string[] = [];
    const result = (status: MigrationResult['status'], error?: Error): MigrationResult => ({
      schema: target.schema,
      status,
      versions,
      durationMs: performance.now() - started,
      ...(error && { error }),
    });
    try {
      for (;;) {
        const applied = await this.applyNext(target, history);
        if (applied === undefined) break;
        versions.push(applied);
      }
    } catch (error) {
      return result('failed', error as Error);
    }
    return result(versions.length > 0 ? 'applied' : 'skipped');
  }

  /** Applies the first pending migration, and returns its name, or undefined when there is none. */
  private applyNext(
    target: SchemaTarget,
    history: readonly NamedMigration[],
  ): Promise<string | undefined> {
    return inLockedTransaction(this.dataSource, target, async (queryRunner) => {
      // Read under the lock: another run may have applied it while this one waited.
      const applied = await readLedger(queryRunner, target);
      const { pending, unknown } = planMigrations(history, applied);
      if (unknown.length > 0) throw new SchemaAheadError(target.schema, unknown);
      const [next] = pending;
      if (!next) return undefined;
      await createLedger(queryRunner, target);
      try {
        await next.migration.up(queryRunner);
      } catch (error) {
        throw new MigrationFailedError(target.schema, next.name, error);
      }
      await recordMigrations(queryRunner, target, applied, [next.name]);
      return next.name;
    });
  }
}
