import { TenancyError } from '../tenancy.error.js';

/** Thrown for a statement that comes after the release of its connection, where it would be nobody's. It was not sent. */
export class ConnectionReleasedError extends TenancyError {
  readonly code = 'CONNECTION_RELEASED';

  constructor() {
    super(
      'The connection was released before the statement was sent, which therefore was not sent. Await every statement ' +
        'before the release.',
    );
  }
}
