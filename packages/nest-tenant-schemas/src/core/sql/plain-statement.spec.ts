// Which statements leave prepared statements alone: what is not known to do so does not.
import { isPlainStatement } from './plain-statement.js';

it.each([
  'SELECT 1',
  '  select 1;',
  'WITH a AS (SELECT 1) SELECT * FROM a',
  'INSERT INTO notes VALUES ($1)',
  'START TRANSACTION',
  'SET LOCAL statement_timeout TO 5;\n',
])('takes %j as plain', (text) => {
  expect(isPlainStatement(text, true)).toBe(true);
});

it.each([
  'PREPARE a AS SELECT 1',
  'DEALLOCATE ALL',
  'DISCARD PLANS',
  "DO $$ BEGIN EXECUTE 'DEALLOCATE ALL'; END $$",
  'CALL work()',
  'EXECUTE a',
  'CREATE FUNCTION pg_temp.f() RETURNS void LANGUAGE plpgsql AS $$ BEGIN END $$',
  'selection',
  '/* comment */ DO $$ $$',
  'SELECT 1; DEALLOCATE ALL',
  'SELECT 1;;PREPARE a AS SELECT 1',
  '',
])('does not take %j as plain', (text) => {
  expect(isPlainStatement(text, true)).toBe(false);
});

it('does not look for a second statement if the server accepts only one', () => {
  expect(isPlainStatement("SELECT ';' || $1", false)).toBe(true);
});
