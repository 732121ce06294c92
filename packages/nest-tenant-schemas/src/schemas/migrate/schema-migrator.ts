import { EventEmitter } from 'node:events';
import { performance } from 'node:perf_hooks';
import type { DataSource } from 'typeorm';
import { mapConcurrently } from '../../core/map-concurrently.js';
import { replacePlaceholder } from '../../core/names/schema-placeholder.js';
import type { NamedMigration } from '../../core/migration-history.js';
import { TenantNotFoundError } from '../../errors/tenant-not-found.error.js';
import type { Tenant } from '../../interfaces/tenant.interface.js';
import type { TenantRegistry } from '../../interfaces/tenant-registry.interface.js';
import type { TenantRolesOptions } from '../../interfaces/tenant-roles-options.interface.js';
import { type FleetMember, inspectFleet } from './fleet.js';
import { MigrationRecorder } from './migration-recorder.js';
import type {
  FleetOptions,
  MigrationResult,
  MigratorEvents,
  PlannedMigrations,
} from './migration-result.interface.js';
import { type MigrationStatus, readStatus, readStatusOfAll } from './migration-status.js';
import { MigrationStep, type StepResult } from './migration-step.js';
import { findRevertible } from './revertible.js';
import { ensureRoles, ensureSharedGrants } from '../roles/ensure-roles.js';
import { TenantRoles } from '../roles/tenant-roles.js';
import {
  countSchemas,
  type SchemaSelection,
  selectsShared,
  selectTenants,
} from '../catalog/schema-selection.js';
import { SHARED_TARGET, type SchemaTarget, tenantTarget } from '../catalog/schema-target.js';

/** Most schemas that are worked on at once unless told otherwise: more wait for the server's disk anyway. */
const MAX_DEFAULT_CONCURRENCY = 8;

/** The two histories, which never mix. */
export interface MigrationHistories {
  readonly shared: readonly NamedMigration[];
  readonly tenant: readonly NamedMigration[];
}

/**
 * Applies and reverts the histories: one transaction for each migration, under the schema's lock, so that
 * a schema is always before or after a migration and two runs at once apply nothing twice.
 */
export class SchemaMigrator extends EventEmitter<MigratorEvents> {
  private readonly recorder: MigrationRecorder;

  constructor(
    private readonly dataSource: DataSource,
    private readonly registry: TenantRegistry,
    private readonly histories: MigrationHistories,
    private readonly rolesOptions?: TenantRolesOptions,
  ) {
    super();
    this.recorder = new MigrationRecorder(dataSource);
  }

  /** Brings the shared schema up to date. Its failure is in the result, not thrown. */
  migrateShared({ fake }: Pick<FleetOptions, 'fake'> = {}): Promise<MigrationResult> {
    return this.repeat(SHARED_TARGET, 'applied', (step) => step.apply(fake));
  }

  /** Brings one tenant's schema up to date. Its failure is in the result, not thrown. */
  migrateTenant(tenant: Tenant, { fake }: FleetOptions = {}): Promise<MigrationResult> {
    return this.repeatIn(tenant, 'applied', (step) => step.apply(fake));
  }

  /**
   * Brings the chosen schemas up to date, the shared one first, yielding each result as it comes. Tenants
   * that are up to date are not visited. A tenant's failure does not stop the rest, unless `failFast`;
   * one of the shared schema does, as tenants may rest on it.
   *
   * @throws TenantNotFoundError when no tenant has a chosen schema, before any tenant is migrated
   */
  async *migrateAll(
    selection: SchemaSelection = {},
    options: FleetOptions = {},
  ): AsyncGenerator<MigrationResult> {
    if (selectsShared(selection)) {
      const shared = await this.migrateShared(options);
      yield shared;
      if (shared.status === 'failed') return;
    }
    yield* this.overFleet(selection, options, ({ tenant, isUpToDate }) =>
      isUpToDate ? skipped(tenant) : this.migrateTenant(tenant, options),
    );
  }

  /**
   * Reverts the last migrations of the chosen tenants, one transaction for each: those that {@link findRevertible}
   * tells. A tenant that has none of them is skipped.
   *
   * @param steps how many, at most those that there are
   * @throws TenantNotFoundError when no tenant has a chosen schema, before any tenant is touched
   */
  async *revertAll(
    selection: SchemaSelection,
    steps: number,
    options: FleetOptions = {},
  ): AsyncGenerator<MigrationResult> {
    const { dataSource, registry, histories } = this;
    const tenants = selectTenants(registry, selection);
    const chosen = await findRevertible(dataSource, tenants, histories.tenant, steps);
    yield* this.overFleet(selection, options, ({ tenant }) =>
      this.repeatIn(tenant, 'reverted', (step) => step.revert(chosen)),
    );
  }

  /** What `migrateAll` would send to the chosen schemas that are behind. Nothing is changed. */
  async *planAll(selection: SchemaSelection = {}): AsyncGenerator<PlannedMigrations> {
    for await (const { schema, pending } of this.statusOfAll(selection)) {
      if (pending.length === 0) continue;
      const target =
        schema === SHARED_TARGET.schema ? SHARED_TARGET : tenantTarget({ id: schema, schema });
      const migrations: PlannedMigrations['migrations'][number][] = [];
      for (const { name, migration } of this.historyOf(target)) {
        if (!pending.includes(name)) continue;
        const statements = await target.enter(() =>
          this.recorder.record(migration, (each, queryRunner) => each.up(queryRunner)),
        );
        migrations.push({
          name,
          statements: statements?.map((text) => replacePlaceholder(text, schema)),
        });
      }
      yield { schema, migrations };
    }
  }

  /**
   * How many schemas a run over the selection is about, whatever there is to do in them.
   *
   * @throws TenantNotFoundError when no tenant has a chosen schema
   */
  count(selection: SchemaSelection = {}): Promise<number> {
    return countSchemas(this.registry, selection);
  }

  /** How far the shared schema is. */
  sharedStatus(): Promise<MigrationStatus> {
    return readStatus(this.dataSource, SHARED_TARGET, this.histories.shared);
  }

  /** How far the chosen schemas are, as {@link readStatusOfAll} says. */
  statusOfAll(selection: SchemaSelection = {}): AsyncGenerator<MigrationStatus> {
    return readStatusOfAll(this.dataSource, this.registry, this.histories, selection);
  }

  private async *overFleet(
    selection: SchemaSelection,
    { concurrency, failFast, signal }: FleetOptions,
    work: (member: FleetMember) => Promise<MigrationResult>,
  ): AsyncGenerator<MigrationResult> {
    const tenants = selectTenants(this.registry, selection);
    const fleet = inspectFleet(this.dataSource, tenants, this.histories.tenant, this.roles);
    let hasFailed = false;
    const handedOut = takeWhile(fleet, () => !signal?.aborted && !(failFast && hasFailed));
    const limit = concurrency ?? Math.min(poolSizeOf(this.dataSource), MAX_DEFAULT_CONCURRENCY);
    for await (const result of mapConcurrently(handedOut, limit, work)) {
      hasFailed ||= result.status === 'failed';
      yield result;
    }
  }

  /** In a tenant's schema: one that is deleted meanwhile has nothing to be done, and has not failed. */
  private repeatIn(
    tenant: Tenant,
    status: 'applied' | 'reverted',
    work: (step: MigrationStep) => Promise<StepResult>,
  ): Promise<MigrationResult> {
    return this.repeat(tenantTarget(tenant), status, work, async (failure) => {
      if (!(failure instanceof TenantNotFoundError)) return failure;
      const now = await this.registry.find(tenant.id).catch(() => tenant);
      if (!now || now.schema === tenant.schema) return now && failure;
      return new TenantNotFoundError(
        `Its tenant has the schema "${now.schema}" by now: run the command again for that one.`,
      );
    });
  }

  /** @param errorOf what a failure is to the result; undefined: none */
  private async repeat(
    target: SchemaTarget,
    status: 'applied' | 'reverted',
    work: (step: MigrationStep) => Promise<StepResult>,
    errorOf: (failure: Error) => Promise<Error | undefined> = (failure) => Promise.resolve(failure),
  ): Promise<MigrationResult> {
    this.emit('before', target.schema);
    const started = performance.now();
    const versions: string[] = [];
    const step = new MigrationStep(this.dataSource, target, this.historyOf(target));
    let hasNewRole = false;
    let error: Error | undefined;
    try {
      hasNewRole = this.roles ? await ensureRoles(this.dataSource, this.roles, target) : false;
      let done: StepResult;
      do {
        done = await work(step);
        if (done.name !== undefined) versions.push(done.name);
      } while (done.hasMore);
      // What the last migrations made shared.
      if (this.roles && target === SHARED_TARGET)
        await ensureSharedGrants(this.dataSource, this.roles);
    } catch (failure) {
      error = await errorOf(failure as Error);
    }
    const result: MigrationResult = {
      schema: target.schema,
      status: error ? 'failed' : versions.length > 0 ? status : hasNewRole ? 'applied' : 'skipped',
      versions,
      durationMs: performance.now() - started,
      ...(error && { error }),
    };
    this.emit('after', result);
    return result;
  }

  private get roles(): TenantRoles | undefined {
    return TenantRoles.of(this.dataSource, this.rolesOptions);
  }

  private historyOf({ schema }: SchemaTarget): readonly NamedMigration[] {
    return schema === SHARED_TARGET.schema ? this.histories.shared : this.histories.tenant;
  }
}

function skipped({ schema }: Tenant): Promise<MigrationResult> {
  return Promise.resolve({ schema, status: 'skipped', versions: [], durationMs: 0 });
}

async function* takeWhile<T>(
  source: AsyncIterable<T>,
  mayContinue: () => boolean,
): AsyncGenerator<T> {
  for await (const item of source) {
    if (!mayContinue()) return;
    yield item;
  }
}

function poolSizeOf({ options }: DataSource): number {
  return 'poolSize' in options && options.poolSize ? options.poolSize : MAX_DEFAULT_CONCURRENCY;
}
