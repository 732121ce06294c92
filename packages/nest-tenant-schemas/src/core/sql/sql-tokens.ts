/** Matches the start of one token of SQL. It follows the server's lexer. */
const TOKEN =
  /\s+|--[^\n\r]*|\/\*|[eE]'(?:[^'\\]|''|\\[\s\S]|'\s*[\n\r]\s*')*(?:'|$)|'(?:[^']|'')*(?:'|$)|"(?:[^"]|"")*(?:"|$)|\$\d+|\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$|[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*|[\s\S]/g;

/** Maps the first characters of a token to its kind, in the order in which they are tried. */
const KINDS: readonly [RegExp, TokenKind][] = [
  [/^\s/, 'space'],
  [/^[eE]'/, 'escaped'],
  [/^[A-Za-z_\u0080-\uffff]/, 'word'],
  [/^"/, 'quoted'],
  [/^'/, 'string'],
  [/^(?:--|\/\*)/, 'comment'],
  [/^\$\d/, 'parameter'],
  [/^\$./, 'dollar'],
];

/**
 * Names the kind of a token. `string` is a literal in single quotes, `escaped` one with a leading E, `dollar` one in dollar
 * quotes. `quoted` is an identifier in double quotes, `word` a keyword or an identifier without quotes. `other` is one character.
 */
export type TokenKind =
  'space' | 'comment' | 'string' | 'escaped' | 'dollar' | 'quoted' | 'word' | 'parameter' | 'other';

/** Describes one token of SQL. The texts of all tokens, joined, are the statement. */
export interface SqlToken {
  readonly kind: TokenKind;
  text: string;
}

/** Yields the tokens of one or more statements. An unfinished literal or comment ends with the text. */
export function* sqlTokens(text: string): Generator<SqlToken> {
  const pattern = new RegExp(TOKEN);
  for (let match = pattern.exec(text); match; match = pattern.exec(text)) {
    const [start] = match;
    const kind = kindOf(start);
    if (start === '/*') pattern.lastIndex = endOfComment(text, pattern.lastIndex);
    if (kind === 'dollar') {
      const end = text.indexOf(start, pattern.lastIndex);
      pattern.lastIndex = end < 0 ? text.length : end + start.length;
    }
    yield { kind, text: text.slice(match.index, pattern.lastIndex) };
  }
}

function kindOf(start: string): TokenKind {
  return KINDS.find(([pattern]) => pattern.test(start))?.[1] ?? 'other';
}

/** Returns the end of a comment. SQL comments nest. */
function endOfComment(text: string, start: number): number {
  const edges = /\/\*|\*\//g;
  edges.lastIndex = start;
  let depth = 1;
  for (let edge = edges.exec(text); edge; edge = edges.exec(text)) {
    depth += edge[0] === '/*' ? 1 : -1;
    if (depth === 0) return edges.lastIndex;
  }
  return text.length;
}
