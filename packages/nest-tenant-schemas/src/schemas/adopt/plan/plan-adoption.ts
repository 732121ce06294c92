import type { DataSource } from 'typeorm';
import { plainDataSourceOf } from '../../../connection/typeorm/bound-scope.js';
import { onRunner, setLockTimeout, SHARED_TARGET } from '../../catalog/schema-target.js';
import type { MigrationHistories } from '../../migrate/schema-migrator.js';
import { passToOwner } from '../../roles/ownership.js';
import { TenantRoles } from '../../roles/tenant-roles.js';
import { LOCK_TIMEOUT_MS } from '../adoption-session.js';
import { type AdoptionOptions, type AdoptionPlan, readAdoptionPlan } from './adoption-plan.js';

/**
 * Reads how the objects of `public` would become those of a tenant. It changes nothing, and works for a single-tenant
 * application too.
 *
 * @param schema the schema of the tenant
 * @param histories the migrations of the application. Default: not checked
 */
export function planAdoption(
  dataSource: DataSource,
  schema: string,
  options: AdoptionOptions = {},
  histories?: MigrationHistories,
): Promise<AdoptionPlan> {
  const plain = plainDataSourceOf(dataSource);
  return onRunner(plain, SHARED_TARGET, async (queryRunner) => {
    const read = (): Promise<AdoptionPlan> =>
      readAdoptionPlan(queryRunner, plain, schema, options, histories);
    const roles = TenantRoles.of(plain);
    if (!roles) return read();
    await queryRunner.startTransaction();
    try {
      // The owner of all schemas may read what it owns only.
      await queryRunner.query(setLockTimeout(LOCK_TIMEOUT_MS));
      await passToOwner(queryRunner, roles, SHARED_TARGET.schema);
      return await read();
    } finally {
      await queryRunner.rollbackTransaction();
    }
  });
}
