import { sqlTokens } from './sql-tokens.js';

/** Matches the first words of statements that begin or end a transaction. */
const CONTROL = /^(?:begin|start transaction|commit|end|abort|prepare transaction|rollback)\b/;
const END = /^(?:commit|end|abort|prepare transaction|rollback)\b/;
const TO_SAVEPOINT = /^rollback (?:(?:work|transaction) )?to\b/;

/** Matches statements whose body may contain semicolons between BEGIN ATOMIC and END. */
const MAKES_ROUTINE = /^create (?:or replace )?(?:function|procedure)\b/;

/** Limits how many words of a statement are read. They decide its kind. */
const MAX_WORDS = 4;

const RESETS_ALL = /^(?:reset|discard) all\b/;
/** What every text has that {@link resetsAllSettings} accepts. */
const MAY_RESET = /\b(?:reset|discard)\s/i;

/**
 * Finds a statement that begins or ends a transaction, such as COMMIT. Savepoints do neither.
 *
 * @param text one or more statements
 * @returns its first words in upper case, or undefined if the text has none
 */
export function findTransactionControl(text: string): string | undefined {
  for (const words of firstWords(text)) {
    if (CONTROL.test(words) && !TO_SAVEPOINT.test(words)) {
      return words
        .split(' ', words.startsWith('start') || words.startsWith('prepare') ? 2 : 1)
        .join(' ')
        .toUpperCase();
    }
  }
  return undefined;
}

/** Returns whether a text has RESET ALL or DISCARD ALL, which also drop the settings of the engine. */
export function resetsAllSettings(text: string): boolean {
  if (!MAY_RESET.test(text)) return false;
  return [...firstWords(text)].some((words) => RESETS_ALL.test(words));
}

/**
 * Returns whether a statement follows the end of a transaction in the same text.
 *
 * @param text one or more statements
 */
export function continuesAfterEnd(text: string): boolean {
  let hasEnded = false;
  for (const words of firstWords(text)) {
    if (hasEnded && words !== '') return true;
    hasEnded ||= END.test(words) && !TO_SAVEPOINT.test(words);
  }
  return false;
}

const OF_BLOCKS =
  /^(?:begin|start transaction|set (?:(?:local|session) )?transaction|lock|declare)\b/;
/** What every text has that {@link isBlockStatement} accepts. */
const MAY_BE_OF_BLOCKS = /\b(?:begin|transaction|lock|declare)\b/i;
/** A cursor WITH HOLD needs no block. */
const MAY_HOLD = /\bhold\b/i;

/**
 * Returns whether a text is one statement that only begins a transaction block, or that the server accepts
 * only inside one.
 */
export function isBlockStatement(text: string): boolean {
  if (!MAY_BE_OF_BLOCKS.test(text)) return false;
  const [first = '', ...others] = [...firstWords(text)].filter((words) => words !== '');
  if (others.length > 0 || !OF_BLOCKS.test(first)) return false;
  return !(first.startsWith('declare') && MAY_HOLD.test(text));
}

/** Yields the first words of each statement, in lower case. */
function* firstWords(text: string): Generator<string> {
  let words: string[] = [];
  let parentheses = 0;
  /** Counts the BEGIN and CASE of a routine's body that have no END yet. */
  let blocks = 0;
  let last = '';
  for (const { kind, text: token } of sqlTokens(text)) {
    if (token === '(') parentheses += 1;
    else if (token === ')') parentheses = Math.max(0, parentheses - 1);
    else if (token === ';' && parentheses === 0 && blocks === 0) {
      yield words.join(' ');
      words = [];
    } else if (kind === 'word') {
      const word = token.toLowerCase();
      if (words.length < MAX_WORDS) words.push(word);
      if (MAKES_ROUTINE.test(words.join(' '))) {
        // A parameter may be called `begin`.
        if ((word === 'atomic' && last === 'begin') || (word === 'case' && blocks > 0)) blocks += 1;
        if (word === 'end' && blocks > 0) blocks -= 1;
      }
      last = word;
    }
  }
  yield words.join(' ');
}
