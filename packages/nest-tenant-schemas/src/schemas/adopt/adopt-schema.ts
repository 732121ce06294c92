import type { DataSource } from 'typeorm';
import { quoteIdentifier } from '../../core/names/quote-identifier.js';
import { SINGLE_SCHEMA } from '../../core/single-tenant/rewrite-sql.js';
import { planMigrations } from '../../core/migration-history.js';
import { AdoptionRefusedError } from '../../errors/schemas/adoption-refused.error.js';
import type { Tenant } from '../../interfaces/tenant.interface.js';
import type { TenantRegistry, TenantWriter } from '../../interfaces/tenant-registry.interface.js';
import {
  appliedNames,
  createMigrationsTableStatement,
  readMigrationsTable,
  recordStatements,
} from '../catalog/migrations-table.js';
import { SHARED_TARGET, type SchemaTarget } from '../catalog/schema-target.js';
import { TYPEORM_METADATA } from '../catalog/typeorm-metadata.js';
import { renameInMetadata } from '../lifecycle/rename/rename-schema.js';
import type { MigrationHistories } from '../migrate/schema-migrator.js';
import { grantShared, grantTenantRole } from '../roles/ensure-roles.js';
import { passToOwner } from '../roles/ownership.js';
import type { TenantRoles } from '../roles/tenant-roles.js';
import type { SchemaSession } from '../session/schema-session.js';
import { readAdoptionPlan } from './plan/adoption-plan.js';
import { rememberTypeormMigrations } from './adopted-migrations.js';
import { assertNoObstacles, inAdoption } from './adoption-session.js';
import { changeFunctions } from './functions/change-functions.js';
import { namesOf } from './plan/find-obstacles.js';
import { moveStatements } from './schema-objects.js';
import { divideMigrations } from './typeorm-migrations.js';

export interface AdoptSchemaOptions {
  readonly shared: readonly string[];
  readonly lockTimeoutMs: number;
  readonly roles: TenantRoles | undefined;
}

/** Moves the objects of `public` to the schema of a new tenant, in one transaction. */
export function adoptSchema<T extends Tenant>(
  dataSource: DataSource,
  tenant: T,
  registry: TenantRegistry<T> & Pick<TenantWriter<T>, 'insert'>,
  histories: MigrationHistories,
  { shared, lockTimeoutMs, roles }: AdoptSchemaOptions,
): Promise<void> {
  const { schema } = tenant;
  const target = { schema, sqlName: schema };
  const name = quoteIdentifier(schema);
  return inAdoption(dataSource, schema, SINGLE_SCHEMA, lockTimeoutMs, async (session) => {
    const { queryRunner } = session;
    if (roles) await passToOwner(queryRunner, roles, SINGLE_SCHEMA);
    const plan = await readAdoptionPlan(queryRunner, dataSource, schema, { shared }, histories);
    assertNoObstacles(schema, plan.obstacles);
    const applied = divideMigrations(plan.recorded ?? [], histories);

    // The session knows this table in its own schema, which is public.
    if (plan.moves.some((object) => object.name === TYPEORM_METADATA)) {
      await renameInMetadata(
        queryRunner,
        SINGLE_SCHEMA,
        schema,
        namesOf(plan.moves),
        SINGLE_SCHEMA,
      );
    }
    session.add(
      `CREATE SCHEMA ${name}`,
      ...moveStatements(plan.moves, name),
      createMigrationsTableStatement(target),
      ...recordStatements(target as SchemaTarget, [], applied.tenant),
    );
    await session.flush();
    await changeFunctions(queryRunner, schema, plan.functions);
    await migrateShared(session, schema, histories, applied.shared, roles);
    await rememberTypeormMigrations(queryRunner, dataSource);
    // Statements of the registry keep the login's search path.
    session.add('SET LOCAL search_path TO DEFAULT');
    await session.guard(() => registry.insert(queryRunner.manager, tenant));
    if (roles) {
      await grantShared(queryRunner, roles);
      await grantTenantRole(queryRunner, roles, schema);
    }
  });
}

/**
 * Records the shared migrations that TypeORM has applied, and runs the others.
 *
 * @throws AdoptionRefusedError for a migration that must run outside a transaction
 */
async function migrateShared(
  session: SchemaSession,
  schema: string,
  { shared }: MigrationHistories,
  recorded: readonly string[],
  roles: TenantRoles | undefined,
): Promise<void> {
  const rows = await readMigrationsTable(session.queryRunner, SHARED_TARGET);
  const before = appliedNames(rows);
  if (rows.length === 0) {
    session.add(
      createMigrationsTableStatement(SHARED_TARGET),
      ...(roles ? [roles.revokeMigrationsTableStatement(SHARED_TARGET)] : []),
    );
  }
  const added = recorded.filter((name) => !before.includes(name));
  session.add(...recordStatements(SHARED_TARGET, before, added));
  for (const next of planMigrations(shared, [...before, ...added]).pending) {
    if (next.migration.transaction === false) {
      throw new AdoptionRefusedError(schema, [
        {
          what: `shared migration ${next.name}`,
          why: 'it runs outside a transaction. Run it first: tenant-schemas migrate-schemas --shared',
        },
      ]);
    }
    await session.migrate(next, (migration, queryRunner) => migration.up(queryRunner));
    session.add(...recordStatements(SHARED_TARGET, [], [next.name]));
  }
  await session.flush();
}
