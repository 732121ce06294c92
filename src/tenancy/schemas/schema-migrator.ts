import { performance } from 'node:perf_hooks';
import type { DataSource } from 'typeorm';
import { type NamedMigration, planMigrations } from '../core/migration-history.js';
import { SchemaAheadError } from '../errors/schema-ahead.error.js';
import type { Tenant } from '../interfaces/tenant.interface.js';
import type { TenantRegistry } from '../interfaces/tenant-registry.interface.js';
import { createLedgerStatement, readLedger, recordStatements } from './migration-ledger.js';
import { MigrationRecorder } from './migration-recorder.js';
import type { MigrationResult } from './migration-result.interface.js';
import { type MigrationStatus, readStatus, readStatusOfAll } from './migration-status.js';
import { type SchemaSelection, selectsShared, selectTenants } from './schema-selection.js';
import {
  inLockedTransaction,
  SHARED_TARGET,
  type SchemaTarget,
  tenantTarget,
} from './schema-target.js';
import { inBatches, type RunMigration, StatementBatch } from './statement-batch.js';

const up: RunMigration = (migration, queryRunner) => migration.up(queryRunner);

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
  private readonly recorder: MigrationRecorder;

  constructor(
    private readonly dataSource: DataSource,
    private readonly registry: TenantRegistry,
    private readonly histories: MigrationHistories,
  ) {
    this.recorder = new MigrationRecorder(dataSource);
  }

  /** Brings the shared schema up to date. Its failure is in the result, not thrown. */
  migrateShared(): Promise<MigrationResult> {
    return this.migrate(SHARED_TARGET, this.histories.shared);
  }

  /** Brings one tenant's schema up to date. Its failure is in the result, not thrown. */
  migrateTenant(tenant: Tenant): Promise<MigrationResult> {
    return this.migrate(tenantTarget(tenant), this.histories.tenant);
  }

  /**
   * Brings the chosen schemas up to date, the shared one first, yielding each result. A tenant's failure
   * does not stop the rest; one of the shared schema does, as tenants may rest on it.
   *
   * @throws TenantNotFoundError when no tenant has a chosen schema, before any tenant is migrated
   */
  async *migrateAll(selection: SchemaSelection = {}): AsyncGenerator<MigrationResult> {
    if (selectsShared(selection)) {
      const shared = await this.migrateShared();
      yield shared;
      if (shared.status === 'failed') return;
    }
    for await (const tenant of selectTenants(this.registry, selection)) {
      yield await this.migrateTenant(tenant);
    }
  }

  /** How far the shared schema is. */
  sharedStatus(): Promise<MigrationStatus> {
    return readStatus(this.dataSource, SHARED_TARGET, this.histories.shared);
  }

  /** How far the chosen schemas are, as {@link readStatusOfAll} says. */
  statusOfAll(selection: SchemaSelection = {}): AsyncGenerator<MigrationStatus> {
    return readStatusOfAll(this.dataSource, this.registry, this.histories, selection);
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
      let isBehind = true;
      while (isBehind) {
        const applied = await inBatches(this.recorder, (recorder) =>
          this.applyNext(target, history, recorder),
        );
        versions.push(...applied.versions);
        ({ isBehind } = applied);
      }
    } catch (error) {
      return result('failed', error as Error);
    }
    return result(versions.length > 0 ? 'applied' : 'skipped');
  }

  /** Applies the first pending migration, and tells whether there are more. */
  private applyNext(
    target: SchemaTarget,
    history: readonly NamedMigration[],
    recorder: MigrationRecorder | undefined,
  ): Promise<{ versions: readonly string[]; isBehind: boolean }> {
    return inLockedTransaction(this.dataSource, target, async (queryRunner) => {
      // Read under the lock: another run may have applied it while this one waited.
      const applied = await readLedger(queryRunner, target);
      const { pending, unknown } = planMigrations(history, applied);
      if (unknown.length > 0) throw new SchemaAheadError(target.schema, unknown);
      const [next] = pending;
      if (!next) return { versions: [], isBehind: false };
      const batch = new StatementBatch(queryRunner, target.schema, recorder);
      if (applied.length === 0) batch.add(createLedgerStatement(target));
      await batch.run(next, up);
      batch.add(...recordStatements(target, applied, [next.name]));
      await batch.send();
      return { versions: [next.name], isBehind: pending.length > 1 };
    });
  }
}
