import { TenancyError } from './tenancy.error.js';

const ENDINGS = {
  whole: 'drop it again.',
  'half dropped':
    'have the rest of it dropped: tenant-schemas doctor --fix. No tenant has it any more.',
} as const;

/**
 * Thrown when a schema is in use for longer than its drop may wait, or so that drop and user would wait for each other.
 * `left` tells what is there: all of the tenant, or, of a schema that is dropped in steps, some of its tables and no row.
 */
export class DropBlockedError extends TenancyError {
  readonly code = 'DROP_BLOCKED';

  constructor(
    readonly schema: string,
    readonly lockTimeoutMs: number,
    readonly left: keyof typeof ENDINGS = 'whole',
    options?: ErrorOptions,
  ) {
    super(
      `Schema "${schema}" was not dropped, as others use it: it was waited for up to ${lockTimeoutMs} ms. End ` +
        `their transactions, or wait for them, and ${ENDINGS[left]}`,
      options,
    );
  }
}
