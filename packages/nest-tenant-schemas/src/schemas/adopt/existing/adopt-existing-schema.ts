import type { DataSource } from 'typeorm';
import type { NamedMigration } from '../../../core/migration-history.js';
import { quoteIdentifier } from '../../../core/names/quote-identifier.js';
import { AdoptionRefusedError } from '../../../errors/schemas/adoption-refused.error.js';
import type { Tenant } from '../../../interfaces/tenant.interface.js';
import type {
  TenantRegistry,
  TenantWriter,
} from '../../../interfaces/tenant-registry.interface.js';
import {
  createMigrationsTableStatement,
  recordStatements,
} from '../../catalog/migrations-table.js';
import {
  compareDescriptions,
  describeSchema,
  type SchemaDifference,
} from '../../catalog/schema-comparison.js';
import { tenantTarget } from '../../catalog/schema-target.js';
import { ReferenceSchema } from '../../doctor/reference-schema.js';
import { SchemaDropper } from '../../lifecycle/schema-dropper.js';
import { grantTenantRole } from '../../roles/ensure-roles.js';
import { passToOwner } from '../../roles/ownership.js';
import type { TenantRoles } from '../../roles/tenant-roles.js';
import { SchemaSession } from '../../session/schema-session.js';
import { typeormMigrationsTable } from '../typeorm-migrations.js';
import { type AdoptExistingOptions, type AppliedMigrations, readApplied } from './read-applied.js';

/** Rolls the transaction back because the schema differs from its migrations. */
class SchemaDiffers extends Error {
  constructor(readonly difference: SchemaDifference) {
    super('The schema differs from its migrations.');
  }
}

/**
 * Makes an existing schema a tenant's, in one transaction. It first compares the schema with a new one that has the
 * same migrations.
 */
export async function adoptExistingSchema<T extends Tenant>(
  dataSource: DataSource,
  tenant: T,
  registry: TenantRegistry<T> & Pick<TenantWriter<T>, 'insert'>,
  history: readonly NamedMigration[],
  options: AdoptExistingOptions,
): Promise<void> {
  const { schema } = tenant;
  const migrations = await readApplied(dataSource, schema, history, options);
  const dropper = new SchemaDropper(dataSource, registry);
  const reference = new ReferenceSchema(dataSource, migrations.history, dropper);
  const wanted = await reference.describeFor(schema);
  if (!wanted) throw reference.failure as Error;
  const adopt = (restored?: ReadonlyMap<string, string>): Promise<void> =>
    record(dataSource, tenant, registry, migrations, options.roles, (found) => {
      const difference = compareDescriptions(wanted, found, restored);
      if (difference.missing.length + difference.extra.length > 0)
        throw new SchemaDiffers(difference);
    });
  try {
    await adopt().catch(async (error: unknown) => {
      if (!(error instanceof SchemaDiffers)) throw error;
      // The server writes some definitions differently after a restore from a dump.
      return adopt(await reference.describeRestoredFor(schema));
    });
  } catch (error) {
    throw error instanceof SchemaDiffers ? refusal(schema, error.difference) : error;
  }
}

async function record<T extends Tenant>(
  dataSource: DataSource,
  tenant: T,
  registry: Pick<TenantWriter<T>, 'insert'>,
  { history, isTypeorms }: AppliedMigrations,
  roles: TenantRoles | undefined,
  assertSame: (found: readonly string[]) => void,
): Promise<void> {
  const { schema } = tenant;
  const target = tenantTarget(tenant);
  await SchemaSession.run(dataSource, target, (session) =>
    session.transaction(async () => {
      const { queryRunner } = session;
      if (roles) await passToOwner(queryRunner, roles, schema);
      if (isTypeorms) {
        const table = quoteIdentifier(typeormMigrationsTable(dataSource));
        await queryRunner.query(`DROP TABLE ${quoteIdentifier(schema)}.${table}`);
      }
      assertSame(await describeSchema(queryRunner, schema));
      const names = history.map(({ name }) => name);
      session.add(createMigrationsTableStatement(target), ...recordStatements(target, [], names));
      // Statements of the registry keep the login's search path.
      session.add('SET LOCAL search_path TO DEFAULT');
      await session.guard(() => registry.insert(queryRunner.manager, tenant));
      if (roles) await grantTenantRole(queryRunner, roles, schema);
    }),
  );
}

function refusal(schema: string, { missing, extra }: SchemaDifference): AdoptionRefusedError {
  return new AdoptionRefusedError(schema, [
    ...missing.map((what) => ({ what, why: 'its migrations create it, and the schema lacks it' })),
    ...extra.map((what) => ({
      what,
      why: 'no migration of the tenants creates it. Write a migration that creates it, or drop it',
    })),
  ]);
}
