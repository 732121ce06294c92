import { TenancyError } from '../tenancy.error.js';

/** Says why the pool closed a connection instead of reusing it. The pool logs it and does not throw it. */
export class DirtyClientError extends TenancyError {
  readonly code = 'CLIENT_DIRTY';

  constructor(
    readonly reason: string,
    readonly schema: string | undefined,
  ) {
    super(
      `A connection${schema === undefined ? '' : ` of tenant schema "${schema}"`} was released while ` +
        `${reason}. The pool closed it. Await every statement and end every transaction before the release.`,
    );
  }
}
