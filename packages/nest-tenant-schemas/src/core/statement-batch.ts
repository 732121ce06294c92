/** Comments and blanks ahead of a statement's first word. */
const LEADING = /^(?:\s+|--[^\n\r]*(?:[\n\r]|$)|\/\*[\s\S]*?\*\/)*/;

/**
 * Statements that answer nothing a migration could go on from: definitions, and INSERT without RETURNING.
 * UPDATE and DELETE tell how many rows they changed.
 */
const RETURNS_NOTHING =
  /^(?:CREATE|ALTER|DROP|COMMENT|GRANT|REVOKE|TRUNCATE|SET|DO|INSERT(?![\s\S]*\bRETURNING\b))\b/i;

/** Whether a statement may be sent together with those behind it, instead of being awaited by itself. */
export function returnsNothing(text: string): boolean {
  return RETURNS_NOTHING.test(text.replace(LEADING, ''));
}

/**
 * Statements as one text for the simple protocol: one round trip, still top-level statements one by one.
 * The line breaks keep a comment at the end of one from swallowing the next.
 */
export function joinStatements(statements: readonly string[]): string {
  return statements.map(trimmed).join(SEPARATOR);
}

/**
 * Finds the statement of a joined text that a position is in.
 *
 * @param position counted in characters, from 1, as the server does
 * @returns its index
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
