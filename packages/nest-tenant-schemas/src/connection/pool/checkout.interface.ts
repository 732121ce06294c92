import type { Tenant } from '../../interfaces/tenant.interface.js';

/** Whose a client is between checkout and release. */
export interface Checkout {
  readonly tenant: Tenant | undefined;
  /** Checked out through a bound handle: keeps its tenant while another one is current. */
  readonly isBound: boolean;
  /** Acts for the owner of all schemas, where `isolation` is 'role'. Default false. */
  readonly actsAsOwner?: boolean;
}
