import type { DataSource } from 'typeorm';
import { tenantContext } from '../../context/tenant-context.js';
import { quoteIdentifier } from '../../core/names/quote-identifier.js';
import { ownerRoleName } from '../../core/names/role-name.js';
import { joinStatements } from '../../core/sql/statement-batch.js';
import { TenancyOptionsError } from '../../errors/tenancy-options.error.js';
import { inLockedTransaction, SHARED_SCHEMA, SHARED_TARGET } from '../catalog/schema-target.js';
import {
  type LoginFacts,
  type OwnerFacts,
  PREPARED_STATEMENTS,
  readLoginFacts,
  SET_CONFIG,
} from './login-facts.js';
import { databaseOf, type TenantRoles } from './tenant-roles.js';

/** Names the option for messages. It includes the application's setting, for operators. */
export const ISOLATION_OPTION = "isolation 'role' (TENANT_ISOLATION)";

/**
 * Creates, at start-up, the role that owns schemas and the role of all tenants, if the login may. Several
 * processes may run it at once.
 *
 * @returns warnings, each with the statement that removes it
 * @throws TenancyOptionsError if roles would not isolate tenants, with the statements for an administrator
 */
export async function prepareRoles(
  dataSource: DataSource,
  roles: TenantRoles,
): Promise<readonly string[]> {
  const asLogin = {
    ...SHARED_TARGET,
    enter: <T>(work: () => Promise<T>) => tenantContext.runWithoutTenant(work),
  };
  return inLockedTransaction(dataSource, asLogin, async (queryRunner) => {
    const facts = await readLoginFacts(queryRunner, roles);
    assertRolesHold(facts, roles);
    const statements = statementsFor(facts, roles);
    if (statements.length > 0) await queryRunner.query(joinStatements(statements));
    return [...warningsFor(facts), ...preparedStatementsWarnings(facts, dataSource)];
  });
}

/**
 * Asserts, for tenants without roles, that the login has the rights of the schemas' owner.
 *
 * @throws TenancyOptionsError if the schemas were created for isolation by roles, with the statement that
 *   reverts it
 */
export async function assertNamesSuffice(dataSource: DataSource): Promise<void> {
  const owner = ownerRoleName(databaseOf(dataSource));
  const [found] = (await dataSource.query(
    `SELECT session_user AS login, current_setting('server_version_num')::int >= 160000 AS "hasOptions"
     FROM pg_catalog.pg_roles AS o
     WHERE o.rolname = $1 AND NOT pg_has_role(session_user, o.oid, 'USAGE')
       AND EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspowner = o.oid)`,
    [owner],
  )) as { login: string; hasOptions: boolean }[];
  if (!found) return;
  const login = quoteIdentifier(found.login);
  throw new TenancyOptionsError(
    "isolation 'names' (TENANT_ISOLATION)",
    `cannot use schemas that were created for roles: they belong to "${owner}". Set isolation to role, or return to ` +
      `names with: ${found.hasOptions ? `GRANT ${quoteIdentifier(owner)} TO ${login} WITH INHERIT TRUE` : `ALTER ROLE ${login} INHERIT`};`,
  );
}

function assertRolesHold(facts: LoginFacts, roles: TenantRoles): void {
  const { login } = facts;
  if (facts.isSuperuser) {
    throw new TenancyOptionsError(
      ISOLATION_OPTION,
      `does not restrict the superuser "${login}". Connect as another login, created with: ` +
        `CREATE ROLE app LOGIN NOINHERIT CREATEROLE PASSWORD '…'; ` +
        `ALTER DATABASE ${quoteIdentifier(facts.database)} OWNER TO app; Or set isolation to names.`,
    );
  }
  const needed = neededOfAdministrator(facts, roles);
  if (needed.length === 0) return;
  throw new TenancyOptionsError(
    ISOLATION_OPTION,
    `does not fit the rights of the login "${login}". Run as an administrator: ` +
      `${needed.join('; ')}; Or set isolation to names.`,
  );
}

/** Returns the statements that need more rights than the login has. Empty if there are none. */
function neededOfAdministrator(facts: LoginFacts, roles: TenantRoles): string[] {
  const [owner, login] = [quoteIdentifier(roles.owner), quoteIdentifier(facts.login)];
  const membership = roles.membershipStatement(roles.owner).replace('SESSION_USER', login);
  const grants = [
    ...(facts.owner?.createsSchemas || facts.grantsDatabase ? [] : [grantDatabase(facts, owner)]),
    ...(facts.owner?.createsShared || facts.actsAsSharedOwner ? [] : [grantShared(owner)]),
  ];
  const needed: string[] = [];
  if (roles.actAs === 'MEMBER' && facts.inherits) needed.push(`ALTER ROLE ${login} NOINHERIT`);
  if (facts.readsAll) needed.push(`REVOKE pg_read_all_data, pg_write_all_data FROM ${login}`);
  if (!facts.owner && (!facts.createsRoles || grants.length > 0)) {
    needed.push(`CREATE ROLE ${owner} CREATEROLE`, membership);
  }
  if (facts.owner && !facts.owner.createsRoles) needed.push(`ALTER ROLE ${owner} CREATEROLE`);
  if (facts.owner && !isMember(facts.owner, facts, roles)) needed.push(membership);
  needed.push(...grants);
  if (!facts.setsConfig) needed.push(`GRANT EXECUTE ON FUNCTION ${SET_CONFIG} TO ${login}`);
  return needed;
}

/** Returns whether the login can act as the owner without inheriting its rights, now or after its own changes. */
function isMember(
  owner: OwnerFacts,
  { createsRoles }: LoginFacts,
  { actAs }: TenantRoles,
): boolean {
  return actAs === 'SET' && owner.isInherited ? false : owner.isActedAs || createsRoles;
}

/** Returns the statements that the login runs itself. */
function statementsFor(facts: LoginFacts, roles: TenantRoles): string[] {
  const owner = quoteIdentifier(roles.owner);
  const canLogin = roles.options.canLogin ? ' LOGIN' : '';
  return [
    ...(facts.owner ? [] : [`CREATE ROLE ${owner} CREATEROLE${canLogin}`]),
    ...(facts.owner?.isActedAs ? [] : [roles.membershipStatement(roles.owner)]),
    ...(facts.owner?.createsSchemas ? [] : [grantDatabase(facts, owner)]),
    ...(facts.owner?.createsShared
      ? []
      : [
          `SET LOCAL ROLE ${quoteIdentifier(facts.sharedOwner)}`,
          grantShared(owner),
          'SET LOCAL ROLE NONE',
        ]),
    // The owner creates the role, so that it may add members.
    ...(facts.hasEveryTenant
      ? []
      : [
          `SET LOCAL ROLE ${owner}`,
          `CREATE ROLE ${quoteIdentifier(roles.everyTenant)}`,
          'SET LOCAL ROLE NONE',
        ]),
  ];
}

const grantDatabase = ({ database }: LoginFacts, owner: string): string =>
  `GRANT CREATE ON DATABASE ${quoteIdentifier(database)} TO ${owner}`;

const grantShared = (owner: string): string =>
  `GRANT USAGE, CREATE ON SCHEMA ${SHARED_SCHEMA} TO ${owner}`;

function preparedStatementsWarnings(
  { readsPrepared, login }: LoginFacts,
  { options }: DataSource,
): string[] {
  const { extra } = options as { extra?: { preparedStatements?: number } };
  if (!readsPrepared || extra?.preparedStatements === 0) return [];
  return [
    `${ISOLATION_OPTION} has a gap: SQL that is injected into a function reads the names of prepared statements, so ` +
      'it can change what other tenants run later on its connection. Set preparedStatements to 0, or close the ' +
      `gap, as a superuser, with: REVOKE EXECUTE ON FUNCTION ${PREPARED_STATEMENTS} FROM PUBLIC, ${quoteIdentifier(login)};`,
  ];
}

function warningsFor({ login, publicSetsConfig, publicCreatesShared }: LoginFacts): string[] {
  return [
    ...(publicSetsConfig
      ? [
          `${ISOLATION_OPTION} has a gap: every role may execute set_config, so injected SQL can take on ` +
            'other rights within one expression. Close the gap, as a superuser, with: ' +
            `REVOKE EXECUTE ON FUNCTION ${SET_CONFIG} FROM PUBLIC; ` +
            `GRANT EXECUTE ON FUNCTION ${SET_CONFIG} TO ${quoteIdentifier(login)};`,
        ]
      : []),
    ...(publicCreatesShared
      ? [
          `Every tenant's role may create objects in schema ${SHARED_SCHEMA}, because PUBLIC may. Revoke it with: ` +
            `REVOKE CREATE ON SCHEMA ${SHARED_SCHEMA} FROM PUBLIC;`,
        ]
      : []),
  ];
}
