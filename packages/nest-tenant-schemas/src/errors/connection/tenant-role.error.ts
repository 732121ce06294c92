import { TenancyError } from '../tenancy.error.js';

/** Thrown for a statement whose role or search path the server refused, and that was not run therefore. */
export class TenantRoleError extends TenancyError {
  readonly code = 'TENANT_ROLE_UNAVAILABLE';

  /** @param schema the tenant's, or undefined for work on shared tables or all schemas */
  constructor(
    readonly schema: string | undefined,
    override readonly cause: Error,
  ) {
    super(
      `The statement was not run: the server refused to run it with the rights of ${
        schema === undefined ? 'its work' : `tenant schema "${schema}"`
      } (${cause.message}). Make and grant the roles that are missing with: tenant-schemas doctor --fix.`,
      { cause },
    );
  }
}
