import { TenancyError } from './tenancy.error.js';

/** Thrown for the statements of a checkout whose role the server refused. None of them was run. */
export class SessionPinError extends TenancyError {
  readonly code = 'SESSION_PIN_FAILED';

  /** @param schema the tenant's, or undefined for work on shared tables or all schemas */
  constructor(
    readonly schema: string | undefined,
    override readonly cause: Error,
  ) {
    super(
      `The session could not be given the rights of ${
        schema === undefined ? 'its work' : `tenant schema "${schema}"`
      } (${cause.message}), so nothing was run and the connection is closed. Make and grant the roles that ` +
        'are missing with: tenant-schemas doctor --fix.',
      { cause },
    );
  }
}
