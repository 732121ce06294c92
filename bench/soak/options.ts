import { parseOptions, wholeNumber } from '../options.js';

export interface SoakOptions {
  /** How long the load goes on. Default 60. */
  readonly seconds: number;
  /** Of what is drawn: requests, faults, and the pauses between them. Default: another one each time. */
  readonly seed: number;
  /** Prints JSON in place of the table. */
  readonly isJson: boolean;
  /** Puts PgBouncer, in transaction mode, between application and server. */
  readonly hasPooler: boolean;
}

/** @throws UsageError for an unknown option, or a value that is not a number */
export function parseSoakOptions(args: readonly string[]): SoakOptions {
  const values = parseOptions(args, {
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    json: { type: 'boolean', default: false },
    pooler: { type: 'boolean', default: false },
  });
  return {
    seconds: wholeNumber('seconds', values.seconds),
    seed: wholeNumber('seed', values.seed, 0),
    isJson: values.json,
    hasPooler: values.pooler,
  };
}
