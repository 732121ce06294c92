// One function writes identifiers into SQL: quoted, with inner quotes doubled, so that no name leaves its quotes.
import { quoteIdentifier } from './quote-identifier.js';

it.each([
  ['notes', '"notes"'],
  ['Notes', '"Notes"'],
  ['two words', '"two words"'],
  ['a"b', '"a""b"'],
  ['"', '""""'],
  ['a"; DROP SCHEMA b; --', '"a""; DROP SCHEMA b; --"'],
  ['a\\b', '"a\\b"'],
  ['tenänt', '"tenänt"'],
])('quotes %s as %s', (name, quoted) => {
  expect(quoteIdentifier(name)).toBe(quoted);
});

it.each(['', 'a\0b', '\0'])('refuses %j, which no identifier can be', (name) => {
  expect(() => quoteIdentifier(name)).toThrow(
    new RangeError('An identifier must not be empty or contain NUL.'),
  );
});
