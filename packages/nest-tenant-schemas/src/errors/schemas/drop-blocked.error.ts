import { TenancyError } from '../tenancy.error.js';

const FINISH =
  'finish the deletion: tenant-schemas doctor --fix. The row of the tenant is already deleted.';

/** Objects named in the message; the error has them all. */
const SHOWN = 20;

/** The reason why a schema was not dropped. */
export type DropBlock =
  /** Other transactions held locks for longer than the drop waits, in milliseconds. */
  | { readonly lockTimeoutMs: number }
  /** The drop would also drop objects outside of the schema, e.g. `view reports.all_polls`. */
  | { readonly objects: readonly string[] };

/**
 * Reports a schema that cannot be dropped now. `left` says what remains: the whole tenant, or, if the drop runs in steps, some
 * of its tables without its row in the registry.
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
