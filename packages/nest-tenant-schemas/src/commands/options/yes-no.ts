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
 * Parses an answer to a yes-or-no question.
 *
 * @param asked the question, in the user's words: `--on-trial`
 * @throws UsageError for anything except y, yes, true, n, no and false, in any case
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
