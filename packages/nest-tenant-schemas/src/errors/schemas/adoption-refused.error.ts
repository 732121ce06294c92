import { TenancyError } from '../tenancy.error.js';

/** Names an object, and why it prevents the adoption. */
export interface AdoptionObstacle {
  /** The kind and the name, for example `view reports.users`. */
  readonly what: string;
  /** Why it prevents the adoption, and what to do. */
  readonly why: string;
}

/** Reports what prevents an adoption, or the way back. Nothing was changed. */
export class AdoptionRefusedError extends TenancyError {
  readonly code = 'ADOPTION_REFUSED';

  constructor(
    readonly schema: string,
    readonly obstacles: readonly AdoptionObstacle[],
    options?: ErrorOptions,
  ) {
    super(
      [
        `Nothing was changed in schema "${schema}", because:`,
        ...obstacles.map(({ what, why }) => `  ${what}: ${why}.`),
      ].join('\n'),
      options,
    );
  }
}
