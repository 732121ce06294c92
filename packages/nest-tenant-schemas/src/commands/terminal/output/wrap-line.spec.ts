import { wrapLine } from './wrap-line.js';

it.each([
  ['keeps a line that fits', 'polls: 2, choices: 5', 20, 'polls: 2, choices: 5'],
  ['breaks a longer line between words', 'polls: 2, choices: 5', 19, 'polls: 2, choices:\n  5'],
  ['breaks it as often as needed', 'one two three four', 8, 'one two\n  three\n  four'],
  ['keeps a word that is too long', 'a bbbbbbbbbbbb c', 6, 'a\n  bbbbbbbbbbbb\n  c'],
  ['keeps a line without spaces', 'bbbbbbbbbbbb', 6, 'bbbbbbbbbbbb'],
  ['keeps the indent of the line', '  one two three', 10, '  one two\n    three'],
  ['keeps other spaces', '  password  x y', 13, '  password  x\n    y'],
  ['keeps any line without a terminal', 'one two three', undefined, 'one two three'],
])('%s', (_title, line, width, expected) => {
  expect(wrapLine(line, width)).toBe(expected);
});
