/**
 * Matches statements that cannot change the prepared statements of a session: rows, transactions and
 * settings. DO, CALL, EXECUTE, PREPARE, DEALLOCATE, DISCARD and the creation of a function can change them.
 */
const PLAIN =
  /^\s*(?:select|insert|update|delete|merge|with|values|table|start|begin|commit|end|rollback|savepoint|release|set|reset|show|copy|truncate|lock|refresh)\b/i;

const SECOND_STATEMENT = /;\s*[^\s;]/;

/**
 * Returns whether a text leaves the session's prepared statements unchanged. It may return false for a
 * harmless text, for example one that begins with a comment.
 *
 * @param canBeSeveral whether the server would accept several statements in the text
 */
export function isPlainStatement(text: string, canBeSeveral: boolean): boolean {
  return PLAIN.test(text) && !(canBeSeveral && SECOND_STATEMENT.test(text));
}
