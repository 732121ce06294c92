// Former names of exports and options. The next release removes this file.
import type { IsolationOptions } from './connection/wire/isolation-options.js';
import { TenantRoleError } from './errors/connection/tenant-role.error.js';
import type { Tenant } from './interfaces/tenant.interface.js';
import { TenantCache, type TenantCacheOptions } from './request/tenant-cache.js';
import { MIGRATIONS_TABLE } from './schemas/catalog/migrations-table-comment.js';

/** @deprecated Use {@link IsolationOptions}. */
export type PinOptions = IsolationOptions;

/** @deprecated Use {@link TenantRoleError}. */
export const TenantPinError = TenantRoleError;
/** @deprecated Use {@link TenantRoleError}. */
export type TenantPinError = TenantRoleError;

/** @deprecated Use {@link TenantCache}. */
export const TenantDirectory = TenantCache;
/** @deprecated Use {@link TenantCache}. */
export type TenantDirectory<T extends Tenant = Tenant> = TenantCache<T>;
/** @deprecated Use {@link TenantCacheOptions}. */
export type TenantDirectoryOptions = TenantCacheOptions;

/** @deprecated Use {@link MIGRATIONS_TABLE}. */
export const LEDGER_TABLE = MIGRATIONS_TABLE;

/** Describes renamed options of `TenantModule` by their current names. */
interface RenamedOptions {
  assertServable?(tenant: Tenant): void;
  readonly cache?: TenantCacheOptions;
}

/** Describes renamed options of `TenantModule` by their former names. */
export interface DeprecatedTenantModuleOptions<T extends Tenant> {
  /** @deprecated Use `assertServable`. */
  admit?(tenant: T): void;
  /** @deprecated Use `cache`. */
  readonly directory?: TenantCacheOptions;
}

/** Returns the renamed options by their current names. If both names are set, the current one applies. */
export function renamedOptions(
  options: RenamedOptions & DeprecatedTenantModuleOptions<Tenant>,
): RenamedOptions {
  const { cache = options.directory } = options;
  const assertServable = (options.assertServable ?? options.admit)?.bind(options);
  return { ...(cache && { cache }), ...(assertServable && { assertServable }) };
}
