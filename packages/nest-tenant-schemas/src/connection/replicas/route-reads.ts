import type pg from 'pg';
import type { DataSource } from 'typeorm';
import type { PostgresDriver } from 'typeorm/driver/postgres/PostgresDriver.js';
import { tenantContext } from '../../context/tenant-context.js';
import type { TenantScope } from '../../context/tenant-scope.js';
import type { Tenant } from '../../interfaces/tenant.interface.js';
import { scopeOf } from '../typeorm/bound-scope.js';
import { Replica, type Connection } from './replica.js';
import { describeAddress, replicasOf, type ServerAddress } from './replica-options.js';

/** Describes methods of TypeORM's driver that are not in its types, or with other types. */
interface Driver extends Omit<
  PostgresDriver,
  'obtainMasterConnection' | 'obtainSlaveConnection' | 'createPool'
> {
  createPool(options: object, address: ServerAddress): Promise<pg.Pool>;
  obtainMasterConnection(): Promise<Connection>;
  obtainSlaveConnection(): Promise<Connection>;
}

/**
 * Routes reads that may be stale to the replicas. Transactions, writes and raw SQL use the primary, like in
 * TypeORM. So do reads without a tenant, among them all reads of the registry, and reads after a write in the
 * same scope. Decision: docs/decisions/0026-read-replicas.md.
 */
export function routeReads(dataSource: DataSource): void {
  const addresses = replicasOf(dataSource);
  if (addresses.length === 0) return;
  const driver = dataSource.driver as unknown as Driver;
  const { connect, disconnect, obtainMasterConnection } = driver;
  let replicas: readonly Replica[] = [];
  const start = (): void => {
    replicas = addresses.map(
      (address) =>
        new Replica(
          describeAddress(address),
          () => driver.createPool(driver.options, address),
          () => driver.master as pg.Pool,
        ),
    );
    for (const replica of replicas) replica.start();
  };
  const methods: ThisType<Driver> &
    Pick<Driver, 'connect' | 'disconnect' | 'obtainMasterConnection' | 'obtainSlaveConnection'> = {
    async connect() {
      await connect.call(this);
      start();
    },
    async disconnect() {
      await disconnect.call(this);
      await Promise.all(replicas.map((replica) => replica.end()));
    },
    obtainMasterConnection() {
      const scope = scopeOf(this) ?? tenantContext.scope;
      if (scope) scope.readsFromPrimary = true;
      return obtainMasterConnection.call(this);
    },
    async obtainSlaveConnection() {
      const scope = scopeOf(this) ?? tenantContext.scope;
      const tenant = tenantOfStaleRead(scope);
      const connection =
        tenant && (await tenantContext.runInScope(scope, () => connectToAny(replicas, tenant)));
      return connection ?? obtainMasterConnection.call(this);
    },
  };
  Object.assign(driver, methods);
  if (dataSource.isInitialized) start();
}

/** Returns the tenant of a read that may be stale, or undefined if it must use the primary. */
function tenantOfStaleRead(scope: TenantScope | undefined): Tenant | undefined {
  return scope?.actsAsOwner || scope?.readsFromPrimary ? undefined : scope?.tenant;
}

/** Checks out a connection of a random replica, and tries the others if it cannot be reached. */
async function connectToAny(
  replicas: readonly Replica[],
  tenant: Tenant,
): Promise<Connection | undefined> {
  const available = replicas.filter((replica) => replica.serves(tenant));
  while (available.length > 0) {
    const [replica] = available.splice(Math.floor(Math.random() * available.length), 1);
    const connection = await replica?.connect();
    if (connection) return connection;
  }
  return undefined;
}
