import { allTenants } from '../../context/all-tenants.js';
import type { DataSource } from 'typeorm';
import { schemaNameProblem } from '../../core/names/schema-name.js';
import type { TenantRegistry } from '../../interfaces/tenant-registry.interface.js';
import type { Finding } from '../doctor/finding.js';
import {
  inLockedTransaction,
  SHARED_SCHEMA,
  SHARED_TARGET,
  tenantTarget,
} from '../catalog/schema-target.js';
import { ensureSharedGrants, ensureTenantRole } from './ensure-roles.js';
import { readRoleFindings, readSharedRoleFindings } from './role-findings.js';
import type { TenantRoles } from './tenant-roles.js';

/**
 * Fixes a finding about roles.
 *
 * @returns false if a tenant has the role by now, or if only an administrator can fix it
 */
export async function fixRoles(
  dataSource: DataSource,
  roles: TenantRoles,
  registry: TenantRegistry,
  { code, schema }: Finding,
): Promise<boolean> {
  if (code === 'ROLE_WITHOUT_TENANT')
    return dropRoleWithoutTenant(dataSource, roles, registry, schema);
  // A REVOKE of another role's grant only warns, so the findings afterwards decide.
  if (schema === SHARED_SCHEMA) {
    await ensureSharedGrants(dataSource, roles);
    return (await readSharedRoleFindings(dataSource, roles)).length === 0;
  }
  await ensureTenantRole(dataSource, roles, tenantTarget({ id: schema, schema }));
  return (await readRoleFindings(dataSource, roles, [schema]))(schema).length === 0;
}

/** @param rest the rest of the role's name: a schema, or the beginning of a long one and its hash */
async function dropRoleWithoutTenant(
  dataSource: DataSource,
  roles: TenantRoles,
  registry: TenantRegistry,
  rest: string,
): Promise<boolean> {
  const role = roles.prefix + rest;
  // The creation of a tenant takes the lock of its schema. If the name ends with a hash, the schema is
  // unknown.
  const isSchema = schemaNameProblem(rest) === undefined && roles.nameOf(rest) === role;
  const target = isSchema ? tenantTarget({ id: rest, schema: rest }) : SHARED_TARGET;
  return inLockedTransaction(dataSource, target, async (queryRunner) => {
    const tenants = allTenants(registry);
    for await (const { schema } of tenants) if (roles.nameOf(schema) === role) return false;
    await roles.drop(queryRunner, role);
    return true;
  });
}
