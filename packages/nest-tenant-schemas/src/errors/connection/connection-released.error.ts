import { TenancyError } from '../tenancy.error.js';

/** Reports a statement that was sent after its connection was released. It did not reach the server. */
export class ConnectionReleasedError extends TenancyError {
  readonly code = 'CONNECTION_RELEASED';

  constructor() {
    super(
      'Statement rejected: its connection was already released. Await every statement before you release the connection.',
    );
  }
}
