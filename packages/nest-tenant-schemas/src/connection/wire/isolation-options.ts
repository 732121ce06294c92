import type { DataSource } from 'typeorm';
import { TenancyOptionsError } from '../../errors/tenancy-options.error.js';

/**
 * Configures what goes ahead of a statement, besides the tenant's schema in its text.
 * Decision: docs/decisions/0007-statement-preamble.md.
 */
export interface IsolationOptions {
  /**
   * `role`: each statement also runs as the tenant's own role, which has no rights on other tenants. The
   * server then rejects injected SQL that names another schema. Default `names`.
   */
  readonly isolation: 'names' | 'role';
  /**
   * `search_path`: raw SQL, functions and triggers may omit the tenant's schema. The server does not search
   * `public` for a missing name. Default `qualified`: raw SQL writes the placeholder.
   */
  readonly rawSql: 'qualified' | 'search_path';
  /**
   * Schemas of extensions. With `rawSql: 'search_path'` the server searches them after the tenant's schema,
   * and skips missing ones. Default `['extensions']`.
   */
  readonly extensionSchemas: readonly string[];
}

const DEFAULTS: IsolationOptions = {
  isolation: 'names',
  rawSql: 'qualified',
  extensionSchemas: ['extensions'],
};

/**
 * Completes the isolation settings with defaults.
 *
 * @throws TenancyOptionsError for an unknown value, and for `public` among the extension schemas
 */
export function readIsolationOptions(given: Partial<IsolationOptions>): IsolationOptions {
  const {
    isolation = DEFAULTS.isolation,
    rawSql = DEFAULTS.rawSql,
    extensionSchemas = DEFAULTS.extensionSchemas,
  } = given;
  assertOneOf('isolation', isolation, ['names', 'role']);
  assertOneOf('rawSql', rawSql, ['qualified', 'search_path']);
  if (extensionSchemas.includes('public')) {
    throw new TenancyOptionsError(
      'tenantDataSourceOptions: extensionSchemas',
      'must not name public: names that a tenant does not have would fall through to it. Move extensions ' +
        'elsewhere with: ALTER EXTENSION <name> SET SCHEMA extensions;',
    );
  }
  return { isolation, rawSql, extensionSchemas };
}

/** Returns the isolation settings of a DataSource that was made with `tenantDataSourceOptions`. */
export function isolationOptionsOf({ options }: DataSource): IsolationOptions {
  const { extra } = options as { extra?: { isolationOptions?: IsolationOptions } };
  return extra?.isolationOptions ?? DEFAULTS;
}

/** Returns whether the settings require a role or a search path for each statement. */
export function hasIsolationSettings({ isolation, rawSql }: IsolationOptions): boolean {
  return isolation === 'role' || rawSql === 'search_path';
}

function assertOneOf(name: string, value: unknown, values: readonly string[]): void {
  if (values.includes(value as string)) return;
  throw new TenancyOptionsError(
    `tenantDataSourceOptions: ${name}`,
    `must be one of ${values.join(', ')} (got ${JSON.stringify(value)})`,
  );
}
