import { UsageError } from '../terminal/exit-code.js';

const ANSWERS: ReadonlyMap<string, boolean> = new Map([
  ['y', true],
  ['yes', true],
  ['true', true],
  ['n', false],
  ['no', false],
  ['false', false],
]);

/**
 * @param asked what is answered, as the user knows it: `--on-trial`
 * @throws UsageError for anything but y, yes, true, n, no, false, in any case
 */
export function parseYesNo(asked: string, answer: string): boolean {
  const value = ANSWERS.get(answer.trim().toLowerCase());
  if (value === undefined) {
    throw new UsageError(
      `${asked} must be y, yes, true, n, no or false (got ${JSON.stringify(answer)})`,
    );
  }
  return value;
}
