/**
 * The one place where an identifier enters SQL text: quoted, inner quotes doubled.
 * https://www.postgresql.org/docs/current/sql-syntax-lexical.html#SQL-SYNTAX-IDENTIFIERS
 *
 * @throws RangeError for an empty name or one with a NUL, which no identifier can have
 */
export function quoteIdentifier(name: string): string {
  if (name === '' || name.includes('\0')) {
    throw new RangeError('An identifier must not be empty or contain NUL.');
  }
  return `"${name.replaceAll('"', '""')}"`;
}
