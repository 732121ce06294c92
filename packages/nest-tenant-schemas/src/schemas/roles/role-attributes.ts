import { quoteIdentifier } from '../../core/names/quote-identifier.js';
import type { RunQuery, GrantDifference } from './grants.js';
import type { TenantRoles } from './tenant-roles.js';

interface RoleState {
  readonly schema: string;
  readonly exists: boolean;
  readonly mayBeActedAs: boolean;
  readonly isInherited: boolean;
  readonly isTenant: boolean;
  readonly canLogin: boolean;
  /** Attributes that would exceed the role's grants, in the form of ALTER ROLE. */
  readonly powers: readonly string[];
  readonly otherRoles: readonly string[];
}

const STATES = `
SELECT w.schema, r.oid IS NOT NULL AS exists,
       coalesce(pg_has_role(session_user, r.oid, $4), false) AS "mayBeActedAs",
       coalesce(pg_has_role(session_user, r.oid, 'USAGE'), false) AS "isInherited",
       EXISTS (SELECT FROM pg_catalog.pg_auth_members AS m WHERE m.member = r.oid AND m.roleid = t.oid) AS "isTenant",
       coalesce(r.rolcanlogin, false) AS "canLogin",
       array_remove(ARRAY[CASE WHEN r.rolsuper THEN 'NOSUPERUSER' END, CASE WHEN r.rolcreaterole THEN 'NOCREATEROLE' END,
         CASE WHEN r.rolcreatedb THEN 'NOCREATEDB' END, CASE WHEN r.rolbypassrls THEN 'NOBYPASSRLS' END,
         CASE WHEN r.rolreplication THEN 'NOREPLICATION' END], NULL) AS powers,
       ARRAY (SELECT o.rolname::text FROM pg_catalog.pg_auth_members AS m JOIN pg_catalog.pg_roles AS o ON o.oid = m.roleid
              WHERE m.member = r.oid AND m.roleid IS DISTINCT FROM t.oid ORDER BY o.rolname) AS "otherRoles"
FROM unnest($1::text[], $2::text[]) AS w (schema, role)
LEFT JOIN pg_catalog.pg_roles AS r ON r.rolname = w.role
LEFT JOIN pg_catalog.pg_roles AS t ON t.rolname = $3`;

/** Reports tenants' missing roles, and differences in the attributes of the others. */
export interface RoleAttributes {
  /** Schemas whose tenants have no role, or a role that the login may not act as. */
  readonly missing: ReadonlySet<string>;
  readonly differences: readonly GrantDifference[];
}

/** Reads the attributes and memberships of the roles of the schemas' tenants. */
export async function readRoleAttributes(
  runQuery: RunQuery,
  roles: TenantRoles,
  schemas: readonly string[],
): Promise<RoleAttributes> {
  const names = schemas.map((schema) => roles.nameOf(schema));
  const states = (await runQuery(STATES, [
    schemas,
    names,
    roles.everyTenant,
    roles.actAs,
  ])) as RoleState[];
  return {
    missing: new Set(states.filter(({ exists }) => !exists).map(({ schema }) => schema)),
    differences: states.flatMap((state) => (state.exists ? differencesOf(state, roles) : [])),
  };
}

function differencesOf(state: RoleState, roles: TenantRoles): GrantDifference[] {
  const { schema } = state;
  const name = roles.nameOf(schema);
  const role = quoteIdentifier(name);
  const canLogin = roles.options.canLogin === true;
  const found: (readonly [isWrong: boolean, what: string, statement: string])[] = [
    [
      !state.mayBeActedAs,
      'is not available to the login (SET ROLE)',
      roles.membershipStatement(name),
    ],
    [
      state.isInherited,
      'gives its rights to the login by inheritance',
      roles.membershipStatement(name),
    ],
    [!state.isTenant, `is not a member of ${roles.everyTenant}`, roles.joinStatement(schema)],
    [
      state.canLogin !== canLogin,
      canLogin ? 'cannot log in' : 'can log in',
      `ALTER ROLE ${role} ${canLogin ? 'LOGIN' : 'NOLOGIN'}`,
    ],
    [
      state.powers.length > 0,
      `must be ${state.powers.join(' ')}`,
      `ALTER ROLE ${role} ${state.powers.join(' ')}`,
    ],
    ...state.otherRoles.map(
      (other) =>
        [
          true,
          `has the rights of ${other}`,
          `REVOKE ${quoteIdentifier(other)} FROM ${role}`,
        ] as const,
    ),
  ];
  return found.flatMap(([isWrong, what, statement]) =>
    isWrong ? [{ schema, what, statement }] : [],
  );
}
