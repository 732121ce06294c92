import type { DataSource } from 'typeorm';
import { tenantContext } from '../../context/tenant-context.js';
import type { TenantScope } from '../../context/tenant-scope.js';

/** Symbols of the process, because an application may use a handle of another copy of the package. */
const SCOPE = Symbol.for('nest-tenant-schemas.scope');
const PLAIN = Symbol.for('nest-tenant-schemas.plain');

/** Describes a handle, its driver, or one of its query runners. Objects that inherit from them are bound too. */
interface Bound {
  readonly [SCOPE]?: TenantScope;
  readonly [PLAIN]?: DataSource;
}

/** Binds a handle, its driver, or one of its query runners to the handle's scope. */
export function bindToScope(holder: object, scope: TenantScope): void {
  Object.defineProperty(holder, SCOPE, { value: scope });
}

/** Returns the scope of a bound handle, of its driver, or of one of its query runners. */
export function scopeOf(holder: object | undefined): TenantScope | undefined {
  return (holder as Bound | undefined)?.[SCOPE];
}

/** Records the DataSource that a handle was made of. */
export function setPlainDataSource(handle: DataSource, dataSource: DataSource): void {
  Object.defineProperty(handle, PLAIN, { value: dataSource });
}

/**
 * Returns the DataSource that a handle was made of, or the DataSource itself. Functions that choose the tenant
 * themselves use it. Otherwise the handle's tenant would replace their choice.
 */
export function plainDataSourceOf(dataSource: DataSource): DataSource {
  return (dataSource as Bound)[PLAIN] ?? dataSource;
}

/** Returns a view of an object whose methods run in the scope. */
export function inScope<T extends object>(target: T, scope: TenantScope): T {
  return new Proxy(target, {
    get(_, name) {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== 'function') return member;
      return (...args: unknown[]): unknown =>
        tenantContext.runInScope(scope, () => Reflect.apply(member, target, args) as unknown);
    },
  });
}
