import { tableLines } from './table.js';

it('pads columns to their longest cell, and no line at its end', () => {
  const rows = [
    ['a', 'longer than its header', ''],
    ['longest', 'b', 'c'],
  ];
  expect(tableLines(['ONE', 'TWO', 'THREE'], rows)).toEqual([
    'ONE      TWO                     THREE',
    'a        longer than its header',
    'longest  b                       c',
  ]);
});

it('keeps a row on one line', () => {
  expect(tableLines(['NAME'], [['two\r\nlines\tand a tab']])).toEqual([
    'NAME',
    'two  lines and a tab',
  ]);
});

it('lists the cells of a row below each other if the table is wider than the terminal', () => {
  const rows = [
    ['Acme', 'acme', '7b6e3824'],
    ['Globex', 'globex', ''],
  ];
  const header = ['NAME', 'SCHEMA', 'ID'];
  expect(tableLines(header, rows, 24)).toEqual([
    'NAME    SCHEMA  ID',
    'Acme    acme    7b6e3824',
    'Globex  globex',
  ]);
  expect(tableLines(header, rows, 23)).toEqual([
    'Acme',
    '  SCHEMA  acme',
    '  ID      7b6e3824',
    'Globex',
    '  SCHEMA  globex',
    '  ID',
  ]);
});
