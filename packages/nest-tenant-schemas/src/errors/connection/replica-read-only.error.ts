import { TenancyError } from '../tenancy.error.js';

/** Reports a statement that writes, for example through a function, and was sent to a read replica. It changed nothing. */
export class ReplicaReadOnlyError extends TenancyError {
  readonly code = 'REPLICA_READ_ONLY';

  constructor(override readonly cause: Error) {
    super(
      `A read replica rejected a statement that writes: ${cause.message}. Send it in a transaction, or inside ` +
        'tenantContext.readFromPrimary(), which both use the primary.',
      { cause },
    );
  }
}
