import { validateSync } from 'class-validator';
import { UsageError } from './exit-code.js';

/**
 * Checks what flags gave by the rules of its DTO.
 *
 * @throws UsageError with a line for each problem
 */
export function validateInput<T extends object>(input: T): T {
  const problems = validateSync(input, { whitelist: true, stopAtFirstError: true }).flatMap(
    ({ constraints }) => Object.values(constraints ?? {}),
  );
  if (problems.length > 0) throw new UsageError(problems.join('\n'));
  return input;
}
