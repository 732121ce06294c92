import { UsageError } from '../terminal/exit-code.js';

/**
 * Checks the value of an option that has `choices`. These alone only print them: a parser method replaces commander's check.
 *
 * @param flag what is given: `--role`
 * @throws UsageError with the allowed values
 */
export function parseChoice<T extends string>(
  flag: string,
  value: string,
  choices: readonly T[],
): T {
  const choice = choices.find((allowed) => allowed === value);
  if (choice === undefined) {
    throw new UsageError(
      `${flag} must be one of the following values: ${choices.join(', ')} (got ${JSON.stringify(value)})`,
    );
  }
  return choice;
}
