import { TenancyError } from '../tenancy.error.js';

/** Differences named in the message; the error has them all. */
const SHOWN = 5;

/** Objects that one structure lacks, and that it has in addition, compared with another one. */
interface Difference {
  readonly missing: readonly string[];
  readonly extra: readonly string[];
}

/** Reports a schema that cannot be cloned: it has drifted, or its rows cannot be copied. Nothing was created. */
export class CloneRefusedError extends TenancyError {
  readonly code = 'CLONE_REFUSED';

  /** Objects that the migrations create and the schema lacks. */
  readonly missing: readonly string[];
  /** Objects that only the schema has. */
  readonly extra: readonly string[];

  /**
   * @param schema the source's
   * @param reason the difference from its migrations, or a sentence with the next action
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
    'its structure differs from its migrations ' +
    `(${lines.slice(0, SHOWN).join('; ')}${more}). Correct the difference first, by a migration or by hand.`
  );
}
