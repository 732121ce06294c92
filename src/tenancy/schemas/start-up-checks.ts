import type { DataSource } from 'typeorm';
import { quoteIdentifier } from '../core/quote-identifier.js';
import { TENANT_SCHEMA } from '../core/marker.js';
import { TenancyOptionsError } from '../errors/tenancy-options.error.js';
import type { TenantRolesOptions } from '../interfaces/tenant-roles-options.interface.js';
import { assertNamesSuffice, prepareRoles } from './roles/prepare-roles.js';
import { assertSharedGrants } from './roles/shared-grants.js';
import { TenantRoles } from './roles/tenant-roles.js';

interface ServerFacts {
  readonly database: string;
  readonly login: string;
  readonly search_path: string;
  readonly has_marker_schema: boolean;
}

/**
 * Looks at the database once, at start-up, and makes what the isolation by roles stands on.
 *
 * @returns warnings, each with the statement that ends it
 * @throws TenancyOptionsError when the database has a schema of the marker's name, or is not fit for the isolation
 */
export async function checkDatabase(
  dataSource: DataSource,
  rolesOptions: TenantRolesOptions = {},
): Promise<readonly string[]> {
  assertSharedGrants(rolesOptions.sharedGrants ?? {});
  // The name is put together on the server: written whole, it would be taken for the marker.
  const [facts] = (await dataSource.query(
    `SELECT current_database() AS database, session_user AS login, current_setting('search_path') AS search_path,
            EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = '__' || 'tenant__') AS has_marker_schema`,
  )) as [ServerFacts];
  if (facts.has_marker_schema) {
    throw new TenancyOptionsError(
      'TenantModule: the database',
      `must not have a schema named ${TENANT_SCHEMA}, which stands for the current tenant's. Rename it.`,
    );
  }
  const roles = TenantRoles.of(dataSource, rolesOptions);
  if (!roles) await assertNamesSuffice(dataSource);
  return [...warningsFor(facts), ...(roles ? await prepareRoles(dataSource, roles) : [])];
}

function warningsFor({ database, login, search_path }: ServerFacts): string[] {
  const names = search_path.split(',').map((name) => name.trim().replaceAll('"', ''));
  const isHarmless = names.every((name) => name === '' || name === 'extensions');
  if (isHarmless) return [];
  return [
    `The search path of login "${login}" is ${search_path}: raw SQL that forgets to name a schema falls ` +
      'through to it. Make such names errors with: ' +
      `ALTER ROLE ${quoteIdentifier(login)} IN DATABASE ${quoteIdentifier(database)} SET search_path TO '';`,
  ];
}
