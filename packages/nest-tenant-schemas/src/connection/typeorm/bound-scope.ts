import type { DataSource, QueryRunner } from 'typeorm';
import { tenantContext } from '../../context/tenant-context.js';
import type { TenantScope } from '../../context/tenant-scope.js';

const scopes = new WeakMap<QueryRunner | DataSource, TenantScope>();

/** Binds a handle, or a query runner that a handle made, to the handle's scope. */
export function bindToScope(holder: QueryRunner | DataSource, scope: TenantScope): void {
  scopes.set(holder, scope);
}

/** Returns the scope of a bound handle, or of a query runner that a bound handle made. */
export function scopeOf(holder: QueryRunner | DataSource | undefined): TenantScope | undefined {
  return holder && scopes.get(holder);
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
