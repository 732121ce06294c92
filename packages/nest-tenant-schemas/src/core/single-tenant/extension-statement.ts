import type { SqlStatement } from './sql-statement.js';

/** Does nothing, and returns nothing. */
const NOTHING = 'DO $nts$ BEGIN END $nts$';

/**
 * Edits a statement on an extension. A database has each extension once, for all tenants:
 *
 * - CREATE EXTENSION does nothing if the extension exists. It installs into `public`, unless it names a schema.
 * - DROP EXTENSION and COMMENT ON EXTENSION do nothing, because other tenants use the extension.
 *
 * @param isBody whether the statement is part of a function or of a DO block
 * @returns whether the statement is one on an extension. Such a statement names no table
 */
export function editExtensionStatement(statement: SqlStatement, isBody: boolean): boolean {
  if (statement.has(0, 'comment', 'on', 'extension')) {
    replace(statement, 0, NOTHING);
    return true;
  }
  const index = statement.tokens.findIndex((_, at) => statement.has(at + 1, 'extension'));
  if (index < 0 || (index > 0 && !isBody)) return false;
  const verb = statement.wordAt(index);
  if (verb === 'drop') {
    replace(statement, index, isBody ? 'NULL' : NOTHING);
    return true;
  }
  if (verb === 'create') {
    completeCreation(statement, index);
    if (!isBody) explainMissingRight(statement);
  }
  return verb === 'create' || verb === 'alter';
}

/** Adds IF NOT EXISTS and SCHEMA public if they are missing. */
function completeCreation(statement: SqlStatement, index: number): void {
  let at = index + 2;
  if (statement.has(at, 'if', 'not', 'exists')) at += 3;
  else append(statement, at - 1, ' IF NOT EXISTS');
  const hasSchema = statement.tokens.some((_, each) => each > at && statement.has(each, 'schema'));
  if (!hasSchema) append(statement, statement.has(at + 1, 'with') ? at + 1 : at, ' SCHEMA public');
}

/** Wraps the statement, so that an account without the right gets an error with the next action. */
function explainMissingRight(statement: SqlStatement): void {
  const create = statement.tokens
    .map(({ text }) => text)
    .join(' ')
    .replaceAll("'", "''");
  const [first] = statement.tokens;
  if (first) first.text = `DO $nts$ BEGIN ${first.text}`;
  append(
    statement,
    statement.tokens.length - 1,
    `; EXCEPTION WHEN insufficient_privilege THEN RAISE EXCEPTION USING ERRCODE = '42501', MESSAGE = SQLERRM || ` +
      `' for role "' || current_user || '". Have an administrator run once: ${create}; Then run this command again'; ` +
      'END $nts$',
  );
}

function append(statement: SqlStatement, index: number, text: string): void {
  const token = statement.at(index);
  if (token) token.text += text;
}

function replace(statement: SqlStatement, from: number, text: string): void {
  statement.tokens.forEach((token, index) => {
    if (index === from) token.text = text;
    if (index > from) token.text = '';
  });
}
