import { TenancyError } from './tenancy.error.js';

/** Thrown when a schema is in use for longer than its drop may wait. Dropping it again goes on from there. */
export class DropBlockedError extends TenancyError {
  readonly code = 'DROP_BLOCKED';

  constructor(
    readonly schema: string,
    readonly lockTimeoutMs: number,
    options?: ErrorOptions,
  ) {
    super(
      `Schema "${schema}" was not dropped: others have been using it for longer than ${lockTimeoutMs} ms. End ` +
        'their transactions, or wait for them, and drop it again.',
      options,
    );
  }
}
