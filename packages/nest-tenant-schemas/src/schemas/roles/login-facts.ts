import type { QueryRunner } from 'typeorm';
import { SHARED_SCHEMA } from '../catalog/schema-target.js';
import type { TenantRoles } from './tenant-roles.js';

/** The function that changes a role from within an expression, as GRANT names it. */
export const SET_CONFIG = 'pg_catalog.set_config(text, text, boolean)';

/** The function behind `pg_prepared_statements`, as GRANT names it. It gives away the names of prepared statements. */
export const PREPARED_STATEMENTS = 'pg_catalog.pg_prepared_statement()';

/** What isolation by roles depends on: the login, the owner of schemas, and what everybody may do. */
export interface LoginFacts {
  readonly database: string;
  readonly login: string;
  readonly isSuperuser: boolean;
  readonly createsRoles: boolean;
  /** As an attribute of the login, which counts before PostgreSQL 16. */
  readonly inherits: boolean;
  /** The rows of all tables of the server, or writes them. */
  readonly readsAll: boolean;
  /** May let others create schemas in the database. */
  readonly grantsDatabase: boolean;
  readonly sharedOwner: string;
  readonly actsAsSharedOwner: boolean;
  readonly setsConfig: boolean;
  readonly publicSetsConfig: boolean;
  /** Whether SQL of a tenant, as its role or as the login, can read the names of prepared statements. */
  readonly readsPrepared: boolean;
  readonly publicCreatesShared: boolean;
  readonly owner: OwnerFacts | null;
  readonly hasEveryTenant: boolean;
}

/** The owner role, where there is one. */
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
