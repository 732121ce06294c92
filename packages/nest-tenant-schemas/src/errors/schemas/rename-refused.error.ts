import { TenancyError } from '../tenancy.error.js';

/** Objects named in the message; the error has them all. */
const SHOWN = 5;

/** Reports objects that name a schema in a form that a rename cannot change. Nothing was changed. */
export class RenameRefusedError extends TenancyError {
  readonly code = 'RENAME_REFUSED';

  /** @param objects the objects that name it, e.g. `function public.totals()` */
  constructor(
    readonly schema: string,
    readonly objects: readonly string[],
  ) {
    const more = objects.length > SHOWN ? ` and ${objects.length - SHOWN} more` : '';
    super(
      `Schema "${schema}" was not renamed: ${objects.slice(0, SHOWN).join(', ')}${more} would keep its old ` +
        'name. Change them first: only functions of the schema may name it, and as "schema.object". ' +
        'To rename the schema and leave them as they are: tenant-schemas rename-tenant --force.',
    );
  }
}
