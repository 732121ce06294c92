import { allTenants } from '../context/all-tenants.js';
import { findTenantById, findTenantBySchema } from '../context/find-tenant.js';
import { tenantContext } from '../context/tenant-context.js';
import { UUID } from '../core/names/uuid.js';
import { mapConcurrently } from '../core/map-concurrently.js';
import { TenancyOptionsError } from '../errors/tenancy-options.error.js';
import { TenantNotFoundError } from '../errors/tenant-not-found.error.js';
import { TenantWorkFailedError } from '../errors/tenant-work-failed.error.js';
import type { Tenant } from '../interfaces/tenant.interface.js';
import type { TenantRegistry } from '../interfaces/tenant-registry.interface.js';
import type { ForEachOptions, TenantResult } from './tenant-run.interface.js';

/** Runs work of jobs, schedules and event handlers in tenants. In it, repositories and DataSource are the tenant's. */
export class TenantRunner<T extends Tenant = Tenant> {
  /** @param assertServable throws for a tenant whose requests are rejected */
  constructor(
    private readonly registry: TenantRegistry<T>,
    private readonly assertServable: (tenant: T) => void,
  ) {}

  /**
   * Runs work in one tenant, also in a suspended one.
   *
   * @param idOrSchema the tenant's id, which is a UUID, or its schema
   * @returns what the work returns
   * @throws TenantNotFoundError when no tenant has that id or schema
   */
  async run<R>(idOrSchema: string, work: (tenant: T) => R | Promise<R>): Promise<R> {
    const tenant = await this.find(idOrSchema);
    if (!tenant) {
      const kind = UUID.test(idOrSchema) ? 'id' : 'schema';
      throw new TenantNotFoundError(`No tenant has the ${kind} ${idOrSchema}.`);
    }
    return tenantContext.run(tenant, () => work(tenant));
  }

  /**
   * Runs work in every tenant, one after the other unless `concurrency` says otherwise. A failure in one tenant does not
   * stop the rest, and does not reject unless `onError` is `'throw'`. Otherwise read the results.
   *
   * @returns a result per tenant, in the order in which they ended. Tenants that were not begun have none
   * @throws TenancyOptionsError for a concurrency that is not a whole number from 1
   * @throws TenantWorkFailedError after a failure, if `onError` is `'throw'`
   * @throws Error of the registry when the tenants cannot be read, after the tenants that were begun have ended
   */
  async forEach<R>(
    work: (tenant: T) => R | Promise<R>,
    options: ForEachOptions<T> = {},
  ): Promise<TenantResult<R, T>[]> {
    const { concurrency = 1, onError = 'continue' } = options;
    if (!Number.isInteger(concurrency) || concurrency < 1) {
      throw new TenancyOptionsError(
        'TenantRunner: concurrency',
        `must be a whole number from 1 (got ${concurrency})`,
      );
    }
    const stop = new AbortController();
    const isOver = (): boolean => stop.signal.aborted || options.signal?.aborted === true;
    return tenantContext.runWithoutTenant(async () => {
      const results: TenantResult<R, T>[] = [];
      const tenants = this.chosen(options, isOver);
      const run = (tenant: T): Promise<TenantResult<R, T>> => this.resultOf(tenant, work, options);
      for await (const result of mapConcurrently(tenants, concurrency, run)) {
        results.push(result);
        if (result.status !== 'rejected') continue;
        if (onError === 'stop') stop.abort();
        else if (typeof onError === 'function') onError(result.reason, result.tenant);
      }
      if (onError === 'throw') assertNoFailure(results);
      return results;
    });
  }

  private find(idOrSchema: string): Promise<T | undefined> {
    return UUID.test(idOrSchema)
      ? findTenantById(this.registry, idOrSchema.toLowerCase())
      : findTenantBySchema(this.registry, idOrSchema);
  }

  private async *chosen(
    { where = () => true }: ForEachOptions<T>,
    isOver: () => boolean,
  ): AsyncGenerator<T> {
    for await (const tenant of allTenants(this.registry)) {
      if (isOver()) return;
      if (where(tenant)) yield tenant;
    }
  }

  private async resultOf<R>(
    tenant: T,
    work: (tenant: T) => R | Promise<R>,
    { includeSuspended = false }: ForEachOptions<T>,
  ): Promise<TenantResult<R, T>> {
    if (!includeSuspended) {
      try {
        this.assertServable(tenant);
      } catch (reason) {
        return { tenant, status: 'skipped', reason };
      }
    }
    try {
      const value = await tenantContext.run(tenant, async () => work(tenant));
      return { tenant, status: 'fulfilled', value };
    } catch (reason) {
      return { tenant, status: 'rejected', reason };
    }
  }
}

/** @throws TenantWorkFailedError */
function assertNoFailure(results: readonly TenantResult<unknown>[]): void {
  const failures = results.flatMap((result) =>
    result.status === 'rejected' ? [{ schema: result.tenant.schema, error: result.reason }] : [],
  );
  const begun = results.filter(({ status }) => status !== 'skipped');
  if (failures.length > 0) throw new TenantWorkFailedError(failures, begun.length);
}
