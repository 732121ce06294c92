import { TenancyError } from './tenancy.error.js';

/**
 * Thrown when a schema is in use for longer than its drop may wait, or so that drop and user would wait for each other.
 * Dropping it again goes on from there.
 */
export class DropBlockedError extends TenancyError {
  readonly code = 'DROP_BLOCKED';

  constructor(
    readonly schema: string,
    readonly lockTimeoutMs: number,
    options?: ErrorOptions,
  ) {
    super(
      `Schema "${schema}" was not dropped, as others use it: it was waited for up to ${lockTimeoutMs} ms. End ` +
        'their transactions, or wait for them, and drop it again.',
      options,
    );
  }
}
