// What the specs on streaming replicas share: a DataSource with a primary and its replica.
import type { DataSource } from 'typeorm';
import { type Tenant, tenantContext, type TenantDataSourceOptions } from '../../src/index.js';
import { until } from 'test-support/poll.js';
import type { ReplicatedPostgres } from 'test-support/streaming-replica.js';
import { A, B, Note, openTenantDataSource } from '../tenancy/support.js';
import type { TenantsWithRoles } from '../tenancy/roles/tenants-with-roles.js';

/** Opens a DataSource, and waits until its reads use the replica. */
export async function openReplicated(
  servers: ReplicatedPostgres,
  tenants: TenantsWithRoles,
  options: Partial<TenantDataSourceOptions> = {},
): Promise<DataSource> {
  const url = options.isolation === 'role' ? tenants.loginUrl : tenants.url;
  const dataSource = await openTenantDataSource(tenants, {
    poolSize: 3,
    ...options,
    url: undefined,
    replication: { master: { url }, slaves: [{ url: servers.onReplica(url) }] },
  });
  await untilOnReplica(dataSource);
  return dataSource;
}

/** Waits until reads use the replica. */
export async function untilOnReplica(dataSource: DataSource): Promise<void> {
  for (const tenant of [A, B]) {
    await until('reads use the replica', () => readsOnReplica(dataSource, tenant));
  }
}

/** Returns whether a read of a tenant uses the replica. */
export function readsOnReplica(dataSource: DataSource, tenant = A): Promise<boolean> {
  return tenantContext.run(tenant, () => isOnReplica(dataSource));
}

/** Returns whether a read uses the replica in the current scope. */
export async function isOnReplica(dataSource: DataSource): Promise<boolean> {
  const [row] = await onReplica<{ answer: boolean }>(
    dataSource,
    'SELECT pg_catalog.pg_is_in_recovery() AS answer',
  );
  return row?.answer === true;
}

/** Runs SQL as TypeORM runs a read, in the current scope. */
export async function onReplica<Row>(dataSource: DataSource, statement: string): Promise<Row[]> {
  const runner = dataSource.createQueryRunner('slave');
  try {
    return (await runner.query(statement)) as Row[];
  } finally {
    await runner.release();
  }
}

/** Returns the texts of a tenant's notes, in a scope of its own. */
export function textsOf(dataSource: DataSource, tenant: Tenant): Promise<string[]> {
  return tenantContext.run(tenant, () => texts(dataSource));
}

/** Returns the texts of the notes in the current scope, by a read that may be stale. */
export async function texts({ manager }: Pick<DataSource, 'manager'>): Promise<string[]> {
  return (await manager.find(Note, { order: { id: 'ASC' } })).map(({ text }) => text);
}
