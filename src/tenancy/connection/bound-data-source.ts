import type { DataSource, QueryRunner } from 'typeorm';
import { tenantContext } from '../context/tenant-context.js';
import { BoundTenantScope, TenantScope } from '../context/tenant-scope.js';
import type { Tenant } from '../interfaces/tenant.interface.js';

const scopes = new WeakMap<QueryRunner | DataSource, TenantScope>();

/**
 * A handle on the DataSource that is bound to one tenant for good, wherever it is carried: a stream, a
 * timer, a queue, or another tenant's context. It shares pool and metadata and costs one small object.
 *
 * @returns a DataSource whose manager, repositories, query builders and runners act in `tenant`
 * @throws SchemaNameInvalidError when the tenant's schema name breaks a rule
 */
export function dataSourceFor(dataSource: DataSource, tenant: Tenant): DataSource {
  return dataSourceForScope(dataSource, new TenantScope(tenant));
}

/** The same for a scope whose tenant may be known only later: a request's, before the guard has run. */
export function dataSourceForScope(dataSource: DataSource, scope: TenantScope): DataSource {
  const boundScope = new BoundTenantScope(scope);
  const bound = Object.create(dataSource) as DataSource;
  scopes.set(bound, boundScope);
  // Reads the prototype's: TypeORM hands out `this`, so managers and builders hold the handle.
  const managed = bound.createEntityManager();
  Object.defineProperties(bound, {
    manager: { value: managed },
    createQueryRunner: {
      value: (mode?: 'master' | 'slave') => {
        const queryRunner = bindQueryRunner(dataSource.createQueryRunner(mode), boundScope);
        Object.assign(queryRunner, { manager: bound.createEntityManager(queryRunner) });
        return queryRunner;
      },
    },
  });
  return bound;
}

/** The scope of a bound handle, or of the handle that made a query runner, if one did. */
export function scopeOf(holder: QueryRunner | DataSource | undefined): TenantScope | undefined {
  return holder && scopes.get(holder);
}

/** Makes a runner's checkout, and the subscribers that its statements wake, run in the handle's scope. */
function bindQueryRunner(queryRunner: QueryRunner, scope: TenantScope): QueryRunner {
  scopes.set(queryRunner, scope);
  const connect = queryRunner.connect.bind(queryRunner);
  queryRunner.connect = () => tenantContext.runInScope(scope, connect);
  const broadcaster = new Proxy(queryRunner.broadcaster, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== 'function') return member;
      return (...args: unknown[]): unknown =>
        tenantContext.runInScope(scope, () => Reflect.apply(member, target, args) as unknown);
    },
  });
  Object.defineProperty(queryRunner, 'broadcaster', { value: broadcaster });
  return queryRunner;
}
