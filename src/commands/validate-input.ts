import { validateSync } from 'class-validator';
import { UsageError } from 'nest-tenant-schemas/commands';

/** What the user knows the fields of an input by: flags, or questions. */
export type FieldNames<T> = Readonly<Record<keyof T & string, string>>;

/**
 * Checks the fields that an input has by the rules of its DTO; those that are still open are left out.
 *
 * @throws UsageError with a line for each problem, which calls the field by its name in `names`
 */
export function validateInput<T extends object>(input: T, names: FieldNames<T>): T {
  const problems = validateSync(input, { stopAtFirstError: true })
    .filter(({ value }) => value !== undefined)
    .flatMap(({ property, constraints }) =>
      Object.values(constraints ?? {}).map((rule) =>
        rule.replace(property, names[property as keyof T & string] ?? property),
      ),
    );
  if (problems.length > 0) throw new UsageError(problems.join('\n'));
  return input;
}
