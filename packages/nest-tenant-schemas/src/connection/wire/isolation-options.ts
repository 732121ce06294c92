import type { DataSource } from 'typeorm';
import { TenancyOptionsError } from '../../errors/tenancy-options.error.js';

/**
 * What the engine tells the server ahead of a statement, beside the schema that it writes into it.
 * Decision: docs/decisions/0007-statement-preamble.md.
 */
export interface IsolationOptions {
  /**
   * `role`: a statement also acts as the tenant's own role, which may use nothing of other tenants, so that
   * injected SQL that names another schema is refused by the server. Default `names`.
   */
  readonly isolation: 'names' | 'role';
  /**
   * `search_path`: raw SQL, functions and triggers may leave the tenant's schema out; a name that it does not
   * have is not looked for in `public`. Default `qualified`: raw SQL writes the placeholder.
   */
  readonly rawSql: 'qualified' | 'search_path';
  /**
   * Where extensions are, searched after the tenant's schema where `rawSql` is `search_path`. A schema that
   * does not exist is passed over. Default `['extensions']`.
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
 * @throws TenancyOptionsError for a value that is none, and for `public` among the extension schemas
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

/** Whether anything is told to the server ahead of a statement. */
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
