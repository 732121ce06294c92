/** Matches comments and blanks ahead of a statement's first word. */
const LEADING = /^(?:\s+|--[^\n\r]*(?:[\n\r]|$)|\/\*[\s\S]*?\*\/)*/;

/**
 * Matches statements whose result no migration needs: definitions, and INSERT without RETURNING. UPDATE and
 * DELETE are not among them, because they return a row count.
 */
const RETURNS_NOTHING =
  /^(?:CREATE|ALTER|DROP|COMMENT|GRANT|REVOKE|TRUNCATE|SET|DO|INSERT(?![\s\S]*\bRETURNING\b))\b/i;

/** Returns whether a statement can be sent together with later statements, without waiting for its result. */
export function returnsNothing(text: string): boolean {
  return RETURNS_NOTHING.test(text.replace(LEADING, ''));
}

/**
 * Joins statements into one text for the simple protocol: one round trip, and each stays a top-level
 * statement. The line breaks end a comment at the end of a statement.
 */
export function joinStatements(statements: readonly string[]): string {
  return statements.map(trimmed).join(SEPARATOR);
}

/**
 * Finds the statement of a joined text that contains a position.
 *
 * @param position in characters, counted from 1 like the server does
 * @returns the index of the statement
 */
export function statementAt(statements: readonly string[], position: number): number {
  let end = 0;
  return statements.findIndex((text) => {
    end += Array.from(trimmed(text) + SEPARATOR).length;
    return position <= end;
  });
}

const SEPARATOR = '\n;\n';

const trimmed = (text: string): string => text.trim().replace(/;+$/, '');
