import { TenancyError } from '../tenancy.error.js';

/** Why the pool closed a connection instead of giving it to the next tenant. Logged, never thrown. */
export class DirtyClientError extends TenancyError {
  readonly code = 'CLIENT_DIRTY';

  constructor(
    readonly reason: string,
    readonly schema: string | undefined,
  ) {
    super(
      `A connection${schema === undefined ? '' : ` of tenant schema "${schema}"`} was released while ` +
        `${reason}: it is closed instead of reused. Await every statement, and end every transaction, ` +
        'before the release.',
    );
  }
}
