import type { DataSource } from 'typeorm';
import { quoteIdentifier } from '../../core/names/quote-identifier.js';
import { SINGLE_SCHEMA } from '../../core/single-tenant/rewrite-sql.js';
import { TenantNotFoundError } from '../../errors/tenant-not-found.error.js';
import type { Tenant } from '../../interfaces/tenant.interface.js';
import type { TenantRegistry, TenantWriter } from '../../interfaces/tenant-registry.interface.js';
import { migrationsTableOf } from '../catalog/migrations-table-comment.js';
import { readMigrationsTable } from '../catalog/migrations-table.js';
import type { SchemaTarget } from '../catalog/schema-target.js';
import { TYPEORM_METADATA } from '../catalog/typeorm-metadata.js';
import { renameInMetadata } from '../lifecycle/rename/rename-schema.js';
import type { MigrationHistories } from '../migrate/schema-migrator.js';
import { grantShared } from '../roles/ensure-roles.js';
import type { TenantRoles } from '../roles/tenant-roles.js';
import { forgetFunctions } from './functions/adopted-functions.js';
import { rememberTypeormMigrations } from './adopted-migrations.js';
import { assertNoObstacles, inAdoption } from './adoption-session.js';
import { namesOf } from './plan/find-obstacles.js';
import { readRestoration } from './plan/restoration-plan.js';
import { moveStatements } from './schema-objects.js';
import { restoreTypeormMigrations } from './typeorm-migrations.js';

/** Moves the objects of a tenant's schema to `public`, and removes the tenant, in one transaction. */
export function restoreSchema<T extends Tenant>(
  dataSource: DataSource,
  tenant: T,
  registry: TenantRegistry<T> & Pick<TenantWriter<T>, 'remove'>,
  histories: MigrationHistories,
  { lockTimeoutMs, roles }: { lockTimeoutMs: number; roles: TenantRoles | undefined },
): Promise<void> {
  const { schema } = tenant;
  const target = { schema, sqlName: schema } as SchemaTarget;
  return inAdoption(dataSource, schema, schema, lockTimeoutMs, async (session) => {
    const { queryRunner } = session;
    const rows = await readMigrationsTable(queryRunner, target);
    const { moves, functions, obstacles } = await readRestoration(queryRunner, schema);
    assertNoObstacles(schema, [
      ...obstacles,
      ...rows
        .filter(({ done }) => !done)
        .map(({ name }) => ({
          what: `migration ${name}`,
          why: `it started but did not finish. Run: tenant-schemas migrate-schemas --schema ${schema}`,
        })),
    ]);
    session.add('SET LOCAL search_path TO DEFAULT');
    const isRemoved = await session.guard(() => registry.remove(queryRunner.manager, tenant));
    if (!isRemoved) throw new TenantNotFoundError(`Schema ${schema} no longer has a tenant.`);
    session.add(
      ...moveStatements(moves, SINGLE_SCHEMA),
      ...functions,
      `DROP TABLE ${migrationsTableOf(target)}`,
    );
    await session.flush();
    if (moves.some(({ name }) => name === TYPEORM_METADATA)) {
      await renameInMetadata(queryRunner, schema, SINGLE_SCHEMA, namesOf(moves));
    }
    await restoreTypeormMigrations(
      queryRunner,
      dataSource,
      rows.map(({ name }) => name),
      histories.tenant.map(({ name }) => name),
    );
    await rememberTypeormMigrations(queryRunner, dataSource);
    await forgetFunctions(queryRunner, schema);
    session.add(`DROP SCHEMA ${quoteIdentifier(schema)}`);
    await session.flush();
    if (roles) {
      await roles.drop(queryRunner, roles.nameOf(schema));
      await grantShared(queryRunner, roles);
    }
  });
}
