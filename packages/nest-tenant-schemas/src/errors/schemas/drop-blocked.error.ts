import { TenancyError } from '../tenancy.error.js';

const FINISH =
  'finish the deletion: tenant-schemas doctor --fix. The row of its tenant is deleted already.';

/** Objects named in the message; the error has them all. */
const SHOWN = 20;

/** Why a schema was not dropped. */
export type DropBlock =
  /** Other transactions held locks for longer than the drop waits, in milliseconds. */
  | { readonly lockTimeoutMs: number }
  /** The drop would take objects along that are not the schema's, e.g. `view reports.all_polls`. */
  | { readonly objects: readonly string[] };

/**
 * Thrown when a schema cannot be dropped now, and nothing more than before was dropped. `left` says what is there: all of
 * the tenant, or, of a schema that is dropped in steps, some of its tables and no row.
 */
export class DropBlockedError extends TenancyError {
  readonly code = 'DROP_BLOCKED';

  constructor(
    readonly schema: string,
    readonly block: DropBlock,
    readonly left: 'whole' | 'half dropped' = 'whole',
    options?: ErrorOptions,
  ) {
    super(`Schema "${schema}" was not dropped${reasonOf(block, left)}`, options);
  }
}

function reasonOf(block: DropBlock, left: DropBlockedError['left']): string {
  if ('lockTimeoutMs' in block) {
    const next = left === 'whole' ? 'repeat the deletion.' : FINISH;
    return `: other transactions still held locks after ${block.lockTimeoutMs} ms. End them, and ${next}`;
  }
  const { objects } = block;
  const more = objects.length > SHOWN ? ` and ${objects.length - SHOWN} more` : '';
  const next =
    left === 'whole'
      ? 'repeat the deletion. To drop them too: tenant-schemas delete-tenant --cascade.'
      : FINISH;
  return (
    `, because objects outside of it depend on it: ${objects.slice(0, SHOWN).join(', ')}${more}. ` +
    `Drop or change them, and ${next}`
  );
}
