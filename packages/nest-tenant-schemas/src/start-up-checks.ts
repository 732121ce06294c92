import type { DataSource } from 'typeorm';
import { quoteIdentifier } from './core/names/quote-identifier.js';
import { SESSION_TIMEOUTS, type TimeoutParameters } from './connection/wire/session-timeouts.js';
import { TENANT_SCHEMA } from './core/names/schema-placeholder.js';
import { TenancyOptionsError } from './errors/tenancy-options.error.js';
import type { TenantRolesOptions } from './interfaces/tenant-roles-options.interface.js';
import { assertNamesSuffice, prepareRoles } from './schemas/roles/prepare-roles.js';
import { assertSharedGrants } from './schemas/roles/shared-grants.js';
import { TenantRoles } from './schemas/roles/tenant-roles.js';

/**
 * Lists the harmless names in a search path: none, extensions, and temporary tables, which the engine adds
 * itself.
 */
const HARMLESS: ReadonlySet<string> = new Set(['', 'extensions', 'pg_temp']);

interface ServerFacts {
  readonly database: string;
  readonly login: string;
  readonly search_path: string;
  readonly has_placeholder_schema: boolean;
  readonly date_style: string;
  /** `0`: none. */
  readonly statement_timeout: string;
  readonly idle_in_transaction_session_timeout: string;
}

/**
 * Checks the database at start-up and creates what isolation by roles needs.
 *
 * @returns warnings, each with the statement that removes it
 * @throws TenancyOptionsError when the database has a schema with the placeholder's name, or does not support
 *   the isolation
 */
export async function checkDatabase(
  dataSource: DataSource,
  rolesOptions: TenantRolesOptions = {},
): Promise<readonly string[]> {
  assertSharedGrants(rolesOptions.sharedGrants ?? {});
  // The server concatenates the name. Written as a whole, it would be the placeholder.
  const [facts] = (await dataSource.query(
    `SELECT current_database() AS database, session_user AS login, current_setting('search_path') AS search_path,
            current_setting('DateStyle') AS date_style,
            current_setting('statement_timeout') AS statement_timeout,
            current_setting('idle_in_transaction_session_timeout') AS idle_in_transaction_session_timeout,
            EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = '__' || 'tenant__') AS has_placeholder_schema`,
  )) as [ServerFacts];
  if (facts.has_placeholder_schema) {
    throw new TenancyOptionsError(
      'TenantModule: the database',
      `must not have a schema named ${TENANT_SCHEMA}, which is the schema placeholder. Rename it.`,
    );
  }
  const roles = TenantRoles.of(dataSource, rolesOptions);
  if (!roles) await assertNamesSuffice(dataSource);
  const { extra } = dataSource.options as { extra?: TimeoutParameters };
  return [
    ...searchPathWarnings(facts),
    ...dateStyleWarnings(facts),
    ...timeoutWarnings(facts, extra ?? {}),
    ...(roles ? await prepareRoles(dataSource, roles) : []),
  ];
}

/** Warns if a pooler ignores the timeouts that the pool requests. */
function timeoutWarnings(facts: ServerFacts, asked: TimeoutParameters): string[] {
  return SESSION_TIMEOUTS.filter((name) => Number(asked[name]) > 0 && facts[name] === '0').map(
    (name) =>
      `${name} is ${asked[name]} ms here, but a pooler keeps it from the server, which has no limit. Set it with: ` +
      `${alterRole(facts)} SET ${name} TO '${asked[name]}ms';`,
  );
}

/** Warns if a pooler ignores the style. Each connection has set ISO for itself by now. */
function dateStyleWarnings(facts: ServerFacts): string[] {
  const { date_style } = facts;
  if (date_style.startsWith('ISO')) return [];
  return [
    `DateStyle is ${date_style}, and a pooler keeps the setting ISO from the server: dates cannot be read, so that ` +
      `tenants are not served. Set it with: ${alterRole(facts)} SET datestyle TO 'ISO';`,
  ];
}

function searchPathWarnings(facts: ServerFacts): string[] {
  const { login, search_path } = facts;
  const names = search_path.split(',').map((name) => name.trim().replaceAll('"', ''));
  const isHarmless = names.every((name) => HARMLESS.has(name));
  if (isHarmless) return [];
  return [
    `The search path of login "${login}" is ${search_path}. Raw SQL of a request uses these schemas for names ` +
      'without a schema. Migrations have a search path of their own. Make such names errors with: ' +
      `${alterRole(facts)} SET search_path TO '';`,
  ];
}

function alterRole({ login, database }: ServerFacts): string {
  return `ALTER ROLE ${quoteIdentifier(login)} IN DATABASE ${quoteIdentifier(database)}`;
}
