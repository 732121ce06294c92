// Which statements may be sent together: those whose answer nothing depends on, whatever stands ahead of them.
import { returnsNothing, joinStatements, statementAt } from './statement-batch.js';

it.each([
  'CREATE TABLE t (id int)',
  'create table t as select 1',
  '  -- why\n /* and\n how */ ALTER TABLE t ADD c int',
  'INSERT INTO t SELECT 1',
  'DO $$ BEGIN PERFORM 1; END $$',
  'COMMENT ON TABLE t IS NULL',
])('takes %j for a statement without an answer', (text) => {
  expect(returnsNothing(text)).toBe(true);
});

it.each([
  'SELECT 1',
  'WITH a AS (SELECT 1) INSERT INTO t SELECT * FROM a RETURNING id',
  'UPDATE t SET c = 1',
  'DELETE FROM t',
  'INSERT INTO t VALUES (1)\nRETURNING id',
  '-- CREATE TABLE t\nSELECT 1',
  '/* ALTER */ SHOW search_path',
  'CREATED',
  '',
])('takes %j for a statement whose answer may be needed', (text) => {
  expect(returnsNothing(text)).toBe(false);
});

it.each([
  [1, 0],
  [2, 0],
  [6, 1],
  [13, 1],
  [16, 2],
  [99, -1],
])('finds the statement that position %i of a joined text is in', (position, index) => {
  expect(statementAt(['AB;', ' B -- 🫖', 'C'], position)).toBe(index);
});

it('joins statements so that none swallows the next', () => {
  expect(joinStatements(['A;', ' B -- the end', 'C'])).toBe('A\n;\nB -- the end\n;\nC');
});
