import { Injectable } from '@nestjs/common';
import type { Tenant, TenantChanges, TenantManager } from '../../index.js';

/** Suspends and resumes tenants by a boolean column `suspended`. An application extends it for another column. */
@Injectable()
export class TenantSuspension<T extends Tenant = Tenant> {
  /** Returns whether the tenant is suspended. */
  isSuspended(tenant: T): boolean {
    return (tenant as { suspended?: unknown }).suspended === true;
  }

  /** Returns the columns that suspend a tenant, or resume it. */
  changes(suspended: boolean): Omit<TenantChanges<T>, 'schema'> {
    return { suspended } as unknown as Omit<TenantChanges<T>, 'schema'>;
  }

  /**
   * Suspends the tenant of a schema, or resumes it.
   *
   * @returns the tenant as it is now, and whether it changed
   * @throws TenantNotFoundError when no tenant has that schema
   */
  async set(
    tenants: TenantManager<T>,
    schema: string,
    suspended: boolean,
  ): Promise<{ readonly tenant: T; readonly isChanged: boolean }> {
    const tenant = await tenants.getBySchema(schema);
    if (this.isSuspended(tenant) === suspended) return { tenant, isChanged: false };
    return { tenant: await tenants.update(tenant, this.changes(suspended)), isChanged: true };
  }
}
