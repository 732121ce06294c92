import { randomUUID } from 'node:crypto';
import type { INestApplicationContext } from '@nestjs/common';
import {
  EntityRegistry,
  type FillTenant,
  SchemaMigrator,
  TENANT_REGISTRY,
  TENANT_RESOLVER,
  TenancyOptionsError,
  type Tenant,
  TenantCache,
  tenantContext,
  TenantProvisioner,
  type TenantRegistry,
  type TenantResolver,
} from '../index.js';

/** A tenant that exists for the time of a test. */
export interface TestTenant<T extends Tenant = Tenant> {
  /** The tenant that was added to the registry. */
  readonly tenant: T;
  /**
   * The headers that make a request one of this tenant.
   *
   * @throws TenancyOptionsError if the application's resolver has no `headersFor`
   */
  readonly headers: Readonly<Record<string, string>>;
  /** Runs work as the tenant's requests do: repositories and DataSource are bound to its schema. */
  run<R>(work: () => R): R;
  /** Drops the tenant with its schema and all its data. */
  drop(): Promise<void>;
}

export interface TestTenantOptions<T extends Tenant = Tenant> {
  /** Columns of the tenant's row. Default: a random `id`, and a unique `schema` and `name`, if tenants have names. */
  readonly tenant?: Partial<T>;
  /** Writes rows after the `seed` of `TenantModule`. It runs in the tenant, in the transaction that creates it. */
  readonly seed?: FillTenant;
}

/**
 * Creates a tenant with a schema of its own, and with all tables of the application's tenant migrations. It runs pending shared
 * migrations before.
 *
 * @param app an application, or an application context, that imports `TenantModule`
 * @throws TenancyOptionsError if the application's registry cannot insert tenants
 * @throws TenantConflictError if `options.tenant` names an id or a schema that is taken
 * @throws MigrationFailedError if a migration fails
 */
export async function createTestTenant<T extends Tenant = Tenant>(
  app: INestApplicationContext,
  { tenant: columns, seed }: TestTenantOptions<T> = {},
): Promise<TestTenant<T>> {
  const id = randomUUID();
  // Of the whole id, because runs of several machines may share a server.
  const schema = `test_${id.replaceAll('-', '')}`;
  const registry = app.get<TenantRegistry<T>>(TENANT_REGISTRY, { strict: false });
  const hasName = !(registry instanceof EntityRegistry) || registry.findByName !== undefined;
  const tenant = { id, schema, ...(hasName && { name: schema }), ...columns } as unknown as T;
  const provisioner = app.get<TenantProvisioner<T>>(TenantProvisioner, { strict: false });
  // For example the table of tenants, which an empty database lacks.
  const { error } = await app.get(SchemaMigrator, { strict: false }).migrateShared();
  if (error) throw error;
  await provisioner.create(tenant, seed);
  return {
    tenant,
    get headers() {
      return headersFor(app.get<TenantResolver>(TENANT_RESOLVER, { strict: false }), tenant);
    },
    run: (work) => tenantContext.run(tenant, work),
    async drop() {
      // A test may have renamed it.
      await provisioner.drop((await registry.find(tenant.id)) ?? tenant);
      app.get(TenantCache, { strict: false }).forget(tenant.id);
    },
  };
}

function headersFor(resolver: TenantResolver, tenant: Tenant): Readonly<Record<string, string>> {
  if (resolver.headersFor) return resolver.headersFor(tenant);
  throw new TenancyOptionsError(
    'TenantModule: resolver',
    'has no method headersFor(tenant), so the headers of a test tenant are unknown. Add the method',
  );
}
