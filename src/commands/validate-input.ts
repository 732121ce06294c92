import { validateSync } from 'class-validator';
import { UsageError } from 'nest-tenant-schemas/commands';

/** Names of the fields of an input in messages: options such as `--name`, or questions such as `Tenant name`. */
export type FieldNames<T> = Readonly<Record<keyof T & string, string>>;

/**
 * Checks the fields of an input by the rules of its DTO. It skips fields without a value.
 *
 * @throws UsageError with a line for each problem. It uses the names in `names`
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
