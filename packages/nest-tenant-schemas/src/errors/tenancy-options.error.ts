import { TenancyError } from './tenancy.error.js';

/** Thrown at definition or start-up for options that contradict the engine's rules. */
export class TenancyOptionsError extends TenancyError {
  readonly code = 'OPTIONS_INVALID';

  /**
   * @param option the option's path, e.g. `tenantDataSourceOptions: synchronize`
   * @param rule what it must be, e.g. `must be false: …`
   */
  constructor(
    readonly option: string,
    rule: string,
  ) {
    super(`${option} ${rule}`);
  }
}
