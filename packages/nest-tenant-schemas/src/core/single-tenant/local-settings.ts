import type { SqlStatement } from './sql-statement.js';

/** Lists words after SET that do not name a setting, or that limit it already. */
const NOT_A_SETTING: ReadonlySet<string> = new Set(['local', 'constraints', 'transaction']);

/**
 * Limits settings to the transaction of the migration. Otherwise they would stay on a pooled connection, which serves
 * requests later.
 */
export function editSettings(statement: SqlStatement): void {
  const [first, second] = statement.tokens;
  if (statement.has(0, 'set') && first && second) {
    if (statement.has(1, 'session', 'characteristics')) return;
    const isKeyword = statement.has(1, 'session') && !statement.has(2, 'authorization');
    if (isKeyword) second.text = 'LOCAL';
    else if (!NOT_A_SETTING.has(second.text.toLowerCase())) first.text += ' LOCAL';
  }
  for (const [index, token] of statement.tokens.entries()) {
    if (statement.has(index, 'false') && statement.has(index - 6, 'set_config', '(')) {
      token.text = 'true';
    }
  }
}
