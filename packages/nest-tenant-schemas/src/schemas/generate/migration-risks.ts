/** Matches a quoted name, with or without a schema. The group holds the last part. */
const NAME = String.raw`(?:"(?:[^"]|"")+"\.)?"((?:[^"]|"")+)"`;

/** Maps statements of TypeORM to the sentence that describes what they do to existing rows. */
const RISKS: readonly (readonly [RegExp, (table: string, column: string) => string])[] = [
  [new RegExp(`^DROP TABLE ${NAME}`), (table) => `It deletes the table ${table} with its rows.`],
  [
    new RegExp(`^ALTER TABLE ${NAME} DROP COLUMN "([^"]+)"`),
    (table, column) => `It deletes the column ${table}.${column} with its values.`,
  ],
  [
    new RegExp(
      `^ALTER TABLE ${NAME} ADD "([^"]+)" (?!.*(?:\\bDEFAULT\\b|\\bGENERATED\\b|\\b(?:BIG|SMALL)?SERIAL\\b)).*\\bNOT NULL\\b`,
    ),
    (table, column) =>
      `It fails if ${table} has rows, because the column ${column} is NOT NULL and has no default.`,
  ],
  [
    new RegExp(`^ALTER TABLE ${NAME} ALTER COLUMN "([^"]+)" SET NOT NULL`),
    (table, column) => `It fails if a row of ${table} has no value in ${column}.`,
  ],
];

/** Describes what the statements of a generated migration do to rows that exist. */
export function risksOf(statements: readonly string[]): string[] {
  return statements.flatMap((statement) =>
    RISKS.flatMap(([pattern, describe]) => {
      const [, table = '', column = ''] = pattern.exec(statement) ?? [];
      return table === '' ? [] : [describe(table, column)];
    }),
  );
}
