/**
 * Statements that cannot change what a session has prepared: rows, transactions and settings. DO, CALL, EXECUTE, PREPARE,
 * DEALLOCATE, DISCARD, and whatever makes a function, can.
 */
const PLAIN =
  /^\s*(?:select|insert|update|delete|merge|with|values|table|start|begin|commit|end|rollback|savepoint|release|set|reset|show|copy|truncate|lock|refresh)\b/i;

const SECOND_STATEMENT = /;\s*[^\s;]/;

/**
 * Whether a text leaves the session's prepared statements as they are, whoever wrote it. It errs to the safe side: a
 * text that begins by a comment, or has a semicolon in a literal, may be as plain.
 *
 * @param canBeSeveral whether the server would take several statements in it
 */
export function isPlainStatement(text: string, canBeSeveral: boolean): boolean {
  return PLAIN.test(text) && !(canBeSeveral && SECOND_STATEMENT.test(text));
}
