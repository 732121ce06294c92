import { TenancyError } from '../tenancy.error.js';

/** Objects named in the message; the error has them all. */
const SHOWN = 5;

/** Thrown when something names a schema in a way that cannot be renamed with it. Nothing was changed. */
export class RenameRefusedError extends TenancyError {
  readonly code = 'RENAME_REFUSED';

  /** @param objects what names it, e.g. `function public.totals()` */
  constructor(
    readonly schema: string,
    readonly objects: readonly string[],
  ) {
    const more = objects.length > SHOWN ? ` and ${objects.length - SHOWN} more` : '';
    super(
      `Schema "${schema}" was not renamed: ${objects.slice(0, SHOWN).join(', ')}${more} would keep its old ` +
        'name. Change them first, so that they name it as "schema.object" in functions of the schema only, ' +
        'or rename it with them as they are: tenant-schemas rename-tenant --force.',
    );
  }
}
