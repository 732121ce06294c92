import { type SqlToken, sqlTokens } from '../sql/sql-tokens.js';

const IS_CODE = ({ kind }: SqlToken): boolean => kind !== 'space' && kind !== 'comment';

/** Provides the tokens of one statement by their index, without blanks and comments. */
export class SqlStatement {
  constructor(readonly tokens: readonly SqlToken[]) {}

  at(index: number): SqlToken | undefined {
    return this.tokens[index];
  }

  /** Returns a keyword or an unquoted identifier in lower case, or undefined for other tokens. */
  wordAt(index: number): string | undefined {
    const token = this.at(index);
    return token?.kind === 'word' ? token.text.toLowerCase() : undefined;
  }

  /** Returns an identifier as the catalogue writes it, or undefined for other tokens. */
  nameAt(index: number): string | undefined {
    const token = this.at(index);
    return token?.kind === 'quoted'
      ? token.text.slice(1, -1).replaceAll('""', '"')
      : this.wordAt(index);
  }

  /** Returns whether the tokens from an index are these words or characters. */
  has(index: number, ...texts: readonly string[]): boolean {
    return texts.every(
      (text, offset) => (this.wordAt(index + offset) ?? this.at(index + offset)?.text) === text,
    );
  }
}

/**
 * Edits each statement of a text.
 *
 * @returns the text with the edited tokens. Blanks and comments stay
 */
export function editStatements(text: string, edit: (statement: SqlStatement) => void): string {
  const tokens = [...sqlTokens(text)];
  let statement: SqlToken[] = [];
  const end = (): void => {
    if (statement.length > 0) edit(new SqlStatement(statement));
    statement = [];
  };
  for (const token of tokens) {
    if (token.kind === 'other' && token.text === ';') end();
    else if (IS_CODE(token)) statement.push(token);
  }
  end();
  return tokens.map((token) => token.text).join('');
}

/** Returns the statements of a text. */
export function statementsOf(text: string): SqlStatement[] {
  const statements: SqlStatement[] = [];
  editStatements(text, (statement) => statements.push(statement));
  return statements;
}

/** Splits a text after each statement that creates an extension, because the names of its objects are unknown before. */
export function splitAfterExtensions(text: string): string[] {
  const parts: string[] = [];
  let part = '';
  let words: string[] = [];
  for (const token of sqlTokens(text)) {
    part += token.text;
    if (token.text === ';') {
      if (words[0] === 'create' && words[1] === 'extension') {
        parts.push(part);
        part = '';
      }
      words = [];
    } else if (IS_CODE(token)) words.push(token.text.toLowerCase());
  }
  if (part.trim() !== '' || parts.length === 0) parts.push(part);
  return parts;
}
