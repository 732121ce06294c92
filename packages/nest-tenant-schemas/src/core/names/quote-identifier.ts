/**
 * Quotes an identifier for SQL and doubles inner quotes. All identifiers enter SQL text through this
 * function.
 * https://www.postgresql.org/docs/current/sql-syntax-lexical.html#SQL-SYNTAX-IDENTIFIERS
 *
 * @throws RangeError for an empty name, and for a name that contains NUL
 */
export function quoteIdentifier(name: string): string {
  if (name === '' || name.includes('\0')) {
    throw new RangeError('An identifier must not be empty or contain NUL.');
  }
  return `"${name.replaceAll('"', '""')}"`;
}
