import type { Tenant } from '../interfaces/tenant.interface.js';

/** How the work of `forEach` ended in one tenant. */
export type TenantResult<R, T extends Tenant = Tenant> =
  | { readonly tenant: T; readonly status: 'fulfilled'; readonly value: R }
  | { readonly tenant: T; readonly status: 'rejected'; readonly reason: unknown }
  /** Its requests are rejected, for `reason`, and so it was left out. */
  | { readonly tenant: T; readonly status: 'skipped'; readonly reason: unknown };

/** Configures a run over tenants. */
export interface ForEachOptions<T extends Tenant = Tenant> {
  /** Chooses the tenants. Default: all. */
  readonly where?: (tenant: T) => boolean;
  /** How many tenants are worked on at once, from 1. Each needs a connection of the pool. Default: 1. */
  readonly concurrency?: number;
  /**
   * What follows a failure in one tenant. `'continue'` works on the others. `'throw'` works on the others too, and then throws
   * one error for all failures. `'stop'` begins no further tenant. A function is called with the error, and the run
   * continues. Default: `'continue'`.
   */
  readonly onError?: 'continue' | 'throw' | 'stop' | ((error: unknown, tenant: T) => void);
  /** Whether tenants are included whose requests are rejected, for example suspended ones. Default: false. */
  readonly includeSuspended?: boolean;
  /** Ends the run early: no further tenant is begun after it is aborted. */
  readonly signal?: AbortSignal;
}
