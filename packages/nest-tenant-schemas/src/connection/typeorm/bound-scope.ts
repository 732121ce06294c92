import { tenantContext } from '../../context/tenant-context.js';
import type { TenantScope } from '../../context/tenant-scope.js';

const scopes = new WeakMap<object, TenantScope>();

/** Binds a handle, its driver, or one of its query runners to the handle's scope. */
export function bindToScope(holder: object, scope: TenantScope): void {
  scopes.set(holder, scope);
}

/** Returns the scope of a bound handle, of its driver, or of one of its query runners. */
export function scopeOf(holder: object | undefined): TenantScope | undefined {
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
