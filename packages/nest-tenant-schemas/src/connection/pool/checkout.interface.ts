import type { Tenant } from '../../interfaces/tenant.interface.js';

/** Describes the tenant of a client between checkout and release. */
export interface Checkout {
  readonly tenant: Tenant | undefined;
  /** Whether a bound handle checked out the client. It then keeps its tenant while another one is current. */
  readonly isBound: boolean;
  /**
   * Whether statements run with the rights of the owner of all schemas. Only for `isolation: 'role'`. Default
   * false.
   */
  readonly actsAsOwner?: boolean;
}
