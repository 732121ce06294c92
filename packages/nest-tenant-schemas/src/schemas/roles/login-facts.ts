import type { QueryRunner } from 'typeorm';
import { SHARED_SCHEMA } from '../catalog/schema-target.js';
import type { TenantRoles } from './tenant-roles.js';

/** Names the function that changes a role within an expression, in the form of GRANT. */
export const SET_CONFIG = 'pg_catalog.set_config(text, text, boolean)';

/**
 * Names the function behind `pg_prepared_statements`, in the form of GRANT. It reveals the names of prepared
 * statements.
 */
export const PREPARED_STATEMENTS = 'pg_catalog.pg_prepared_statement()';

/**
 * Holds the facts that isolation by roles depends on: the login, the owner of schemas, and the rights of
 * PUBLIC.
 */
export interface LoginFacts {
  readonly database: string;
  readonly login: string;
  readonly isSuperuser: boolean;
  readonly createsRoles: boolean;
  /** Whether the login has INHERIT, which matters before PostgreSQL 16. */
  readonly inherits: boolean;
  /** Whether the login may read or write all tables of the server. */
  readonly readsAll: boolean;
  /** Whether the login may let other roles create schemas in the database. */
  readonly grantsDatabase: boolean;
  readonly sharedOwner: string;
  readonly actsAsSharedOwner: boolean;
  readonly setsConfig: boolean;
  readonly publicSetsConfig: boolean;
  /** Whether a tenant's SQL, as its role or as the login, can read the names of prepared statements. */
  readonly readsPrepared: boolean;
  readonly publicCreatesShared: boolean;
  readonly owner: OwnerFacts | null;
  readonly hasEveryTenant: boolean;
}

/** Holds the facts about the owner role, if it exists. */
export interface OwnerFacts {
  readonly createsRoles: boolean;
  readonly isActedAs: boolean;
  readonly isInherited: boolean;
  readonly createsSchemas: boolean;
  readonly createsShared: boolean;
}

const FACTS = `
SELECT current_database() AS database, session_user AS login, l.rolsuper AS "isSuperuser", l.rolcreaterole AS "createsRoles",
       l.rolinherit AS inherits,
       pg_has_role(l.oid, 'pg_read_all_data', 'USAGE') OR pg_has_role(l.oid, 'pg_write_all_data', 'USAGE') AS "readsAll",
       has_database_privilege(l.oid, current_database(), 'CREATE WITH GRANT OPTION') AS "grantsDatabase",
       pg_get_userbyid(n.nspowner) AS "sharedOwner", pg_has_role(l.oid, n.nspowner, $3) AS "actsAsSharedOwner",
       has_function_privilege(l.oid, '${SET_CONFIG}', 'EXECUTE') AS "setsConfig",
       has_function_privilege('public', '${SET_CONFIG}', 'EXECUTE') AS "publicSetsConfig",
       has_function_privilege(l.oid, '${PREPARED_STATEMENTS}', 'EXECUTE') AS "readsPrepared",
       has_schema_privilege('public', n.oid, 'CREATE') AS "publicCreatesShared",
       EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = $2) AS "hasEveryTenant",
       (SELECT json_build_object('createsRoles', o.rolcreaterole, 'isActedAs', pg_has_role(l.oid, o.oid, $3),
          'isInherited', pg_has_role(l.oid, o.oid, 'USAGE'),
          'createsSchemas', has_database_privilege(o.oid, current_database(), 'CREATE'),
          'createsShared', has_schema_privilege(o.oid, n.oid, 'CREATE') AND has_schema_privilege(o.oid, n.oid, 'USAGE'))
        FROM pg_catalog.pg_roles AS o WHERE o.rolname = $1) AS owner
FROM pg_catalog.pg_roles AS l, pg_catalog.pg_namespace AS n
WHERE l.rolname = session_user AND n.nspname = '${SHARED_SCHEMA}'`;

export async function readLoginFacts(
  queryRunner: QueryRunner,
  { owner, everyTenant, actAs }: TenantRoles,
): Promise<LoginFacts> {
  const [facts] = (await queryRunner.query(FACTS, [owner, everyTenant, actAs])) as [LoginFacts];
  return facts;
}
