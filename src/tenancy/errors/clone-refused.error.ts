import { TenancyError } from './tenancy.error.js';

/** Differences named in the message; the error has them all. */
const SHOWN = 5;

/** Thrown when a schema has drifted: its structure is not what its migrations give. Nothing was made. */
export class CloneRefusedError extends TenancyError {
  readonly code = 'CLONE_REFUSED';

  /**
   * @param schema the source's
   * @param missing what its migrations give and it lacks
   * @param extra what it has besides
   */
  constructor(
    readonly schema: string,
    readonly missing: readonly string[],
    readonly extra: readonly string[],
  ) {
    const lines = [
      ...missing.map((line) => `it lacks ${line}`),
      ...extra.map((line) => `it has ${line}`),
    ];
    const more = lines.length > SHOWN ? `; and ${lines.length - SHOWN} more` : '';
    super(
      `Schema "${schema}" was not cloned: its structure is not what its migrations give ` +
        `(${lines.slice(0, SHOWN).join('; ')}${more}). Bring both together first, by a migration or by hand.`,
    );
  }
}
