import type { DataSource, QueryRunner } from 'typeorm';
import { joinStatements } from '../../core/sql/statement-batch.js';
import { assertSchemaExists, readDropMarker } from '../lifecycle/drop-steps.js';
import { inLockedTransaction, SHARED_TARGET, type SchemaTarget } from '../catalog/schema-target.js';
import {
  type RunQuery,
  type GrantDifference,
  readLoginGrants,
  readTenantGrants,
} from './grants.js';
import { passToOwner } from './ownership.js';
import { readRoleAttributes } from './role-attributes.js';
import { assertSharedTables, readSharedGrants } from './shared-grants.js';
import { hasRole, type TenantRoles } from './tenant-roles.js';
import { readUnguarded } from './unguarded.js';

/**
 * Gives a schema its role and grants before its migration, if it lacks them.
 *
 * @returns whether a tenant's schema lacked them
 */
export async function ensureRoles(
  dataSource: DataSource,
  roles: TenantRoles,
  target: SchemaTarget,
): Promise<boolean> {
  if (target === SHARED_TARGET) {
    await inLockedTransaction(dataSource, target, (queryRunner) =>
      passToOwner(queryRunner, roles, target.schema),
    );
    return false;
  }
  const unguarded = await readUnguarded(dataSource, roles, [target.schema]);
  if (unguarded.size > 0) await ensureTenantRole(dataSource, roles, target);
  return unguarded.size > 0;
}

/**
 * Creates and repairs what a tenant's role needs, under the schema's lock. This is the owner of the schema,
 * the role, and its grants. Correct parts stay unchanged.
 *
 * @throws TenantNotFoundError when the schema does not exist, or is being dropped in steps
 */
export function ensureTenantRole(
  dataSource: DataSource,
  roles: TenantRoles,
  target: SchemaTarget,
): Promise<void> {
  return inLockedTransaction(dataSource, target, async (queryRunner) => {
    // Otherwise the role would belong to no tenant.
    assertSchemaExists(target, await readDropMarker(queryRunner, target));
    await grantTenantRole(queryRunner, roles, target.schema);
  });
}

/** Does the same in the runner's transaction, which must hold the schema's lock. */
export async function grantTenantRole(
  queryRunner: QueryRunner,
  roles: TenantRoles,
  schema: string,
): Promise<void> {
  await passToOwner(queryRunner, roles, schema);
  if (!(await hasRole(queryRunner, roles.nameOf(schema)))) {
    await queryRunner.query(joinStatements(roles.createStatements(schema)));
  }
  const runQuery = queryOn(queryRunner);
  await send(queryRunner, await readTenantGrants(runQuery, roles, [schema]));
  // This comes last, because its changes block the creation of tenants until the transaction ends.
  await send(queryRunner, (await readRoleAttributes(runQuery, roles, [schema])).differences);
}

/**
 * Grants, in the shared schema, what the login needs without a tenant, and what the application allows to all
 * tenants.
 *
 * @throws TenancyOptionsError for shared grants on a missing table
 */
export function ensureSharedGrants(dataSource: DataSource, roles: TenantRoles): Promise<void> {
  return inLockedTransaction(dataSource, SHARED_TARGET, (queryRunner) =>
    grantShared(queryRunner, roles),
  );
}

/** Does the same in the runner's transaction, which must hold the shared schema's lock. */
export async function grantShared(queryRunner: QueryRunner, roles: TenantRoles): Promise<void> {
  const runQuery = queryOn(queryRunner);
  await passToOwner(queryRunner, roles, SHARED_TARGET.schema);
  await assertSharedTables(runQuery, roles);
  await send(queryRunner, await readLoginGrants(runQuery, roles));
  await send(queryRunner, await readSharedGrants(runQuery, roles));
}

function queryOn(queryRunner: QueryRunner): RunQuery {
  return (text, values) => queryRunner.query(text, values);
}

async function send(
  queryRunner: QueryRunner,
  differences: readonly GrantDifference[],
): Promise<void> {
  if (differences.length === 0) return;
  await queryRunner.query(joinStatements(differences.map(({ statement }) => statement)));
}
