import { TenantScope } from '../context/tenant-scope.js';
import type { Tenant } from '../interfaces/tenant.interface.js';

/**
 * Holds the HTTP request until its tenant is known. The guard reads it here for handlers of a GraphQL server, because the
 * form of their arguments differs between servers. Timers and sockets keep the scope in which they begin. So the scope
 * releases the request, with its body, as soon as the tenant is known.
 */
export class RequestScope extends TenantScope {
  #request: object | undefined;

  /** @param readsFromPrimary whether reads of the request must not use a replica. Default false */
  constructor(request: object, readsFromPrimary = false) {
    super(undefined, false, readsFromPrimary);
    this.#request = request;
  }

  override get request(): object | undefined {
    return this.#request;
  }

  override resolve(tenant: Tenant): void {
    super.resolve(tenant);
    this.#request = undefined;
  }
}
