import { TenancyError } from '../tenancy.error.js';

/** Differences named in the message; the error has them all. */
const SHOWN = 5;

/** What one structure lacks and has besides, compared with another one. */
interface Difference {
  readonly missing: readonly string[];
  readonly extra: readonly string[];
}

/** Thrown when a schema cannot be cloned: it has drifted, or its rows cannot be copied. Nothing was made. */
export class CloneRefusedError extends TenancyError {
  readonly code = 'CLONE_REFUSED';

  /** What the migrations give and the schema lacks. */
  readonly missing: readonly string[];
  /** What the schema has besides. */
  readonly extra: readonly string[];

  /**
   * @param schema the source's
   * @param reason its difference from what its migrations give, or a sentence with what to do
   */
  constructor(
    readonly schema: string,
    reason: Difference | string,
    options?: ErrorOptions,
  ) {
    const why = typeof reason === 'string' ? reason : drift(reason);
    super(`Schema "${schema}" was not cloned: ${why}`, options);
    const { missing, extra } = typeof reason === 'string' ? { missing: [], extra: [] } : reason;
    this.missing = missing;
    this.extra = extra;
  }
}

function drift({ missing, extra }: Difference): string {
  const lines = [
    ...missing.map((line) => `it lacks ${line}`),
    ...extra.map((line) => `it has ${line}`),
  ];
  const more = lines.length > SHOWN ? `; and ${lines.length - SHOWN} more` : '';
  return (
    'its structure is not what its migrations give ' +
    `(${lines.slice(0, SHOWN).join('; ')}${more}). Bring both together first, by a migration or by hand.`
  );
}
