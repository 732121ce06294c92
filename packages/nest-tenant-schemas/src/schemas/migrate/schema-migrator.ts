import { EventEmitter } from 'node:events';
import { performance } from 'node:perf_hooks';
import type { DataSource } from 'typeorm';
import { plainDataSourceOf } from '../../connection/typeorm/bound-scope.js';
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

/** Limits the default number of schemas that are processed at once. More would wait for the server's disk. */
const MAX_DEFAULT_CONCURRENCY = 8;

/** Holds the two histories, which never mix. */
export interface MigrationHistories {
  readonly shared: readonly NamedMigration[];
  readonly tenant: readonly NamedMigration[];
}

/**
 * Applies and reverts the histories, with one transaction for each migration, under the schema's lock. A
 * schema is always before or after a migration, and two concurrent runs apply nothing twice.
 */
export class SchemaMigrator extends EventEmitter<MigratorEvents> {
  private readonly recorder: MigrationRecorder;

  private readonly dataSource: DataSource;

  /**
   * @param histories both histories, from `readHistory`
   * @param rolesOptions has no effect unless `isolation` is 'role'
   */
  constructor(
    dataSource: DataSource,
    private readonly registry: TenantRegistry,
    private readonly histories: MigrationHistories,
    private readonly rolesOptions?: TenantRolesOptions,
  ) {
    super();
    this.dataSource = plainDataSourceOf(dataSource);
    this.recorder = new MigrationRecorder(this.dataSource);
  }

  /** Brings the shared schema up to date. The result reports a failure; the promise does not reject. */
  migrateShared({ fake }: Pick<FleetOptions, 'fake'> = {}): Promise<MigrationResult> {
    return this.repeat(SHARED_TARGET, 'applied', (step) => step.apply(fake));
  }

  /** Brings one tenant's schema up to date. The result reports a failure; the promise does not reject. */
  migrateTenant(tenant: Tenant, { fake }: FleetOptions = {}): Promise<MigrationResult> {
    return this.repeatIn(tenant, 'applied', (step) => step.apply(fake));
  }

  /**
   * Brings the selected schemas up to date, the shared one first, and yields each result when it is ready. It
   * does not visit tenants that are up to date.
   *
   * A failure of one tenant does not stop the run, unless `failFast` is set. A failure of the shared schema
   * stops it, because tenants may depend on it.
   *
   * @throws TenantNotFoundError when no tenant has a selected schema, before any tenant is migrated
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
   * Reverts the last migrations of the selected tenants, with one transaction for each. These are the
   * migrations of {@link findRevertible}. A tenant without them is skipped. A tenant that has other migrations
   * after them fails with `RevertBlockedError`.
   *
   * @param steps how many migrations to revert, at most all
   * @throws TenantNotFoundError when no tenant has a selected schema, before any tenant changes
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

  /**
   * Yields what `migrateAll` would send to the selected schemas that are behind. It changes nothing.
   *
   * @throws TenantNotFoundError when no tenant has a selected schema
   */
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
   * Counts the selected schemas, whether they are up to date or not.
   *
   * @throws TenantNotFoundError when no tenant has a selected schema
   */
  count(selection: SchemaSelection = {}): Promise<number> {
    return countSchemas(this.registry, selection);
  }

  /** Reads the status of the shared schema. */
  sharedStatus(): Promise<MigrationStatus> {
    return readStatus(this.dataSource, SHARED_TARGET, this.histories.shared);
  }

  /**
   * Reads the status of the selected schemas, like {@link readStatusOfAll}.
   *
   * @throws TenantNotFoundError when no tenant has a selected schema
   */
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

  /** Repeats steps in a tenant's schema. If the tenant is deleted meanwhile, the result is not a failure. */
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
        `The tenant now has the schema "${now.schema}". Run the command again for that schema.`,
      );
    });
  }

  /** @param errorOf returns the error of the result, or undefined if the failure does not count */
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
      // The last migrations may have created shared tables.
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
