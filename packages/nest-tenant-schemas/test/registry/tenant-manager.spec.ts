// Operators name a tenant by its schema. The manager finds it there, and refuses a schema that is another tenant's by now.
import type { DataSource } from 'typeorm';
import {
  type Tenant,
  TenantCache,
  TenantCloner,
  tenantContext,
  TenantManager,
  TenantNotFoundError,
  TenantProvisioner,
  TenantRenamer,
} from '../../src/index.js';
import { MemoryRegistry } from 'test-support/memory-registry.js';
import type { TestDatabase } from 'test-support/test-database.js';
import { A, B, createTwoTenants, openTenantDataSource } from '../tenancy/support.js';

/** Finds a tenant by its schema itself, whatever the case of the letters. */
class CaselessRegistry extends MemoryRegistry {
  readonly asked: unknown[] = [];

  findBySchema(schema: string): Promise<Tenant | undefined> {
    this.asked.push([schema, tenantContext.current]);
    const tenants = [...this.tenants.values()];
    return Promise.resolve(tenants.find((tenant) => tenant.schema === schema.toLowerCase()));
  }
}

let database: TestDatabase;
let dataSource: DataSource;

beforeEach(async () => {
  database = await createTwoTenants();
  dataSource = await openTenantDataSource(database, { poolSize: 2 });
});

afterEach(async () => {
  await dataSource.destroy();
  await database.drop();
});

function managerOf(registry: MemoryRegistry): { manager: TenantManager; cache: TenantCache } {
  const cache = new TenantCache(registry);
  const provisioner = new TenantProvisioner(dataSource, registry, []);
  const cloner = new TenantCloner(dataSource, registry, []);
  const renamer = new TenantRenamer(dataSource, registry);
  const parts = [registry, provisioner, cloner, renamer, cache] as const;
  return { manager: new TenantManager(dataSource, ...parts), cache };
}

const schemas = (): Promise<unknown[]> =>
  database.sql(`SELECT nspname FROM pg_namespace WHERE nspname LIKE 'tenant%' ORDER BY nspname`);

const named = (...names: string[]): unknown[] => names.map((nspname) => ({ nspname }));

it.each([
  ['reads all tenants for a registry without findBySchema()', MemoryRegistry],
  ['asks a registry that has findBySchema()', CaselessRegistry],
])('%s', async (_, Registry) => {
  const { manager } = managerOf(new Registry([A, B]));
  expect(await manager.getBySchema('tenant_b')).toBe(B);
  await expect(manager.getBySchema('tenant_c')).rejects.toThrow(
    new TenantNotFoundError('No tenant has the schema tenant_c.'),
  );
});

it('asks outside the current tenant', async () => {
  const registry = new CaselessRegistry([A, B]);
  const { manager } = managerOf(registry);
  expect(await tenantContext.run(A, () => manager.getBySchema('tenant_b'))).toBe(B);
  expect(registry.asked).toEqual([['tenant_b', undefined]]);
});

it('takes no tenant whose schema is spelled otherwise', async () => {
  const registry = new CaselessRegistry([A, B]);
  const { manager } = managerOf(registry);
  await expect(manager.getBySchema('Tenant_A')).rejects.toThrow(TenantNotFoundError);
  // Control: the registry itself gives one out.
  expect(await registry.findBySchema('Tenant_A')).toBe(A);
});

it('does not drop a schema that has become the schema of another tenant', async () => {
  const registry = new MemoryRegistry([A, B]);
  const { manager } = managerOf(registry);
  const former = { ...A, schema: B.schema };
  await expect(manager.drop(former)).rejects.toThrow(
    new TenantNotFoundError('Schema tenant_b now belongs to another tenant.'),
  );
  expect(await schemas()).toEqual(named('tenant_a', 'tenant_b'));
  // Control: its own tenant is dropped.
  await manager.drop(B);
  expect(await schemas()).toEqual(named('tenant_a'));
  expect([...registry.tenants.values()]).toEqual([A]);
});

it('updates a row, whose tenant no longer comes from the cache', async () => {
  const registry = new MemoryRegistry([A, B]);
  const { manager, cache } = managerOf(registry);
  expect(await cache.find(A.id)).toEqual(A);
  const updated = await manager.update(A, { label: 'new' } as object);
  expect(updated).toEqual({ ...A, label: 'new' });
  expect(await cache.find(A.id)).toEqual(updated);
});

it('does not update a tenant that has another schema by now', async () => {
  const registry = new MemoryRegistry([A, B]);
  const { manager } = managerOf(registry);
  await expect(manager.update({ ...A, schema: 'tenant_c' }, {})).rejects.toThrow(
    new TenantNotFoundError('Schema tenant_c no longer has a tenant.'),
  );
  expect(await registry.find(A.id)).toEqual(A);
});

it('removes a tenant that it changes from the cache', async () => {
  const { manager, cache } = managerOf(new MemoryRegistry([A, B]));
  for (const { id } of [A, B]) expect(await cache.find(id)).toBeDefined();
  const renamed = await manager.rename('tenant_a', { schema: 'tenant_c' });
  expect(renamed).toEqual({ ...A, schema: 'tenant_c' });
  await manager.drop(B);
  expect([A, B].map(({ id }) => cache.peek(id))).toEqual([undefined, undefined]);
  expect(await schemas()).toEqual(named('tenant_c'));
});

it('clones into a tenant with another id and what the caller changes', async () => {
  class NamedTenant implements Tenant {
    constructor(
      readonly id: string,
      readonly schema: string,
      readonly name: string,
    ) {}
  }
  const registry = new MemoryRegistry();
  const { manager } = managerOf(registry);
  const provisioner = new TenantProvisioner(dataSource, registry, []);
  const source = new NamedTenant('00000000-0000-4000-8000-00000000000c', 'tenant_c', 'C');
  await provisioner.create(source);
  const clone = await manager.clone('tenant_c', (from) => {
    expect(from).toBe(source);
    return { schema: 'tenant_d' };
  });
  expect(clone).toBeInstanceOf(NamedTenant);
  expect(clone).toEqual({ id: clone.id, schema: 'tenant_d', name: 'C' });
  expect(clone.id).not.toBe(source.id);
  expect(await schemas()).toEqual(named('tenant_a', 'tenant_b', 'tenant_c', 'tenant_d'));
});
