import { TenancyError } from './tenancy.error.js';

/** Reports an option that contradicts the engine's rules, at definition or start-up. */
export class TenancyOptionsError extends TenancyError {
  readonly code = 'OPTIONS_INVALID';

  /**
   * @param option the option's path, e.g. `tenantDataSourceOptions: synchronize`
   * @param rule the value that it must have, e.g. `must be false: …`
   */
  constructor(
    readonly option: string,
    rule: string,
  ) {
    super(`${option} ${rule}`);
  }
}
