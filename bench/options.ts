import { parseArgs, type ParseArgsConfig } from 'node:util';

type Options = NonNullable<ParseArgsConfig['options']>;

/** Reports invalid arguments. Its message is printed without a stack. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** @throws UsageError naming an option that is not known or lacks its value */
export function parseOptions<const T extends Options>(
  args: readonly string[],
  options: T,
): ReturnType<typeof parseArgs<{ options: T }>>['values'] {
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

/**
 * Whether a benchmark that takes no other option is asked for a short run.
 *
 * @throws UsageError
 */
export function parseQuick(args: readonly string[]): boolean {
  return parseOptions(args, { quick: { type: 'boolean', default: false } }).quick;
}

/**
 * @param least that it may be. Default 1
 * @throws UsageError when it is not a whole number of at most six digits
 */
export function wholeNumber(option: string, text: string, least = 1): number {
  if (/^\d{1,6}$/.test(text) && Number(text) >= least) return Number(text);
  throw new UsageError(`--${option} takes whole numbers from ${least} (got ${text})`);
}

/**
 * Runs a benchmark with its arguments. For invalid arguments it prints the error and the usage, and exits with 2.
 *
 * @param usage the text after `npm run`
 */
export async function runForArguments(
  usage: string,
  run: (args: readonly string[]) => Promise<void>,
): Promise<void> {
  const args = process.argv.slice(2);
  try {
    if (!args.includes('--help')) return await run(args);
    process.stdout.write(`Usage: npm run ${usage}\n`);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`${error.message}\nUsage: npm run ${usage}\n`);
    process.exitCode = 2;
  }
}
