import type { DataSource, QueryRunner } from 'typeorm';
import { RelationIdLoader } from 'typeorm/query-builder/RelationIdLoader.js';
import type { PostgresDriver } from 'typeorm/driver/postgres/PostgresDriver.js';
import { RelationLoader } from 'typeorm/query-builder/RelationLoader.js';
import { tenantContext } from '../../context/tenant-context.js';
import { BoundTenantScope, TenantScope } from '../../context/tenant-scope.js';
import type { Tenant } from '../../interfaces/tenant.interface.js';
import { bindToScope, inScope, plainDataSourceOf, setPlainDataSource } from './bound-scope.js';
import { guardRelationLoader } from './lazy-relations.js';
import { setDataSource } from './typeorm-versions.js';

/**
 * Returns a handle on the DataSource that is permanently bound to one tenant. Streams, timers, queues and
 * other tenants' contexts can use it. It shares the pool and the metadata, and costs one small object.
 *
 * @param dataSource the DataSource, or a handle of any tenant
 * @returns a DataSource whose manager, repositories, query builders and runners act for `tenant`
 * @throws SchemaNameInvalidError when the tenant's schema name breaks a rule
 */
export function dataSourceFor(dataSource: DataSource, tenant: Tenant): DataSource {
  return dataSourceForScope(dataSource, new TenantScope(tenant));
}

/**
 * Returns a handle for a scope. The scope may resolve its tenant later, like a request before its guard has
 * run.
 */
export function dataSourceForScope(given: DataSource, scope: TenantScope): DataSource {
  const boundScope = new BoundTenantScope(scope);
  const dataSource = plainDataSourceOf(given);
  const bound = Object.create(dataSource) as DataSource;
  bindToScope(bound, boundScope);
  setPlainDataSource(bound, dataSource);
  // The inherited method passes `this`, so managers and builders hold the handle.
  const managed = bound.createEntityManager();
  const createQueryRunner = (mode?: 'master' | 'slave'): QueryRunner => {
    const queryRunner = bindQueryRunner(dataSource.createQueryRunner(mode), boundScope);
    const manager = bound.createEntityManager(queryRunner);
    setDataSource(queryRunner, bound);
    return Object.assign(queryRunner, { manager });
  };
  // TypeORM reaches the original DataSource through these properties too. Few handles need them, so each is
  // made on first use.
  Object.defineProperties(bound, {
    manager: { value: managed },
    createQueryRunner: { value: createQueryRunner },
    relationLoader: lazily(() => guardRelationLoader(new RelationLoader(bound), bound)),
    relationIdLoader: lazily(() => new RelationIdLoader(bound)),
    queryResultCache: lazily(() => {
      const { queryResultCache } = dataSource;
      return queryResultCache && inScope(queryResultCache, boundScope);
    }),
    driver: lazily(() =>
      bindDriver(dataSource.driver as PostgresDriver, boundScope, bound, createQueryRunner),
    ),
  });
  return bound;
}

/** Returns a view of the driver whose pools check out for the handle's tenant. */
function bindDriver(
  driver: PostgresDriver,
  scope: TenantScope,
  dataSource: DataSource,
  createQueryRunner: DataSource['createQueryRunner'],
): PostgresDriver {
  const bound = Object.create(driver, {
    createQueryRunner: { value: createQueryRunner },
    // TypeORM creates the pools when it connects, also through a handle. So they are read at each use.
    master: {
      get: () => driver.master && inScope(driver.master as object, scope),
      set: (pool: unknown) => {
        Object.assign(driver, { master: pool });
      },
    },
    slaves: {
      get: () => (driver.slaves as object[]).map((slave) => inScope(slave, scope)),
      set: (pools: unknown[]) => {
        Object.assign(driver, { slaves: pools });
      },
    },
  }) as PostgresDriver;
  setDataSource(bound as object, dataSource);
  bindToScope(bound, scope);
  return bound;
}

function lazily<T>(make: () => T): PropertyDescriptor {
  let made: T | undefined;
  return { get: () => (made ??= make()) };
}

/** Runs a runner's checkout, and the subscribers of its statements, in the handle's scope. */
function bindQueryRunner(queryRunner: QueryRunner, scope: TenantScope): QueryRunner {
  bindToScope(queryRunner, scope);
  const connect = queryRunner.connect.bind(queryRunner);
  queryRunner.connect = () => tenantContext.runInScope(scope, connect);
  const broadcaster = inScope(queryRunner.broadcaster, scope);
  Object.defineProperty(queryRunner, 'broadcaster', { value: broadcaster });
  return queryRunner;
}
