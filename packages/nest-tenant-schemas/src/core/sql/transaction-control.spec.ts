import {
  isBlockStatement,
  continuesAfterEnd,
  findTransactionControl,
} from './transaction-control.js';

it.each([
  ['COMMIT', 'COMMIT'],
  ['  commit work;', 'COMMIT'],
  ['-- done\n/* a /* nested */ comment */ COMMIT AND CHAIN', 'COMMIT'],
  ['BEGIN', 'BEGIN'],
  ['START TRANSACTION READ ONLY', 'START TRANSACTION'],
  ['END', 'END'],
  ['ABORT', 'ABORT'],
  ['ROLLBACK', 'ROLLBACK'],
  ['ROLLBACK AND CHAIN', 'ROLLBACK'],
  [`PREPARE TRANSACTION 'x'`, 'PREPARE TRANSACTION'],
  ['SELECT 1; COMMIT', 'COMMIT'],
  [`INSERT INTO t VALUES ('it''s; ok'); COMMIT`, 'COMMIT'],
  [String.raw`SELECT E'a\';'; COMMIT`, 'COMMIT'],
  ['DO $x$ BEGIN PERFORM 1; END $x$; COMMIT; BEGIN', 'COMMIT'],
  [
    'CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; END; COMMIT',
    'COMMIT',
  ],
  ['SELECT "a;b" FROM t; ROLLBACK', 'ROLLBACK'],
  ['SELECT 1; -- x\rCOMMIT', 'COMMIT'],
  [`CREATE FUNCTION f(begin date) RETURNS int LANGUAGE sql AS 'SELECT 1'; COMMIT`, 'COMMIT'],
  [
    'CREATE FUNCTION f() RETURNS TABLE (begin int) LANGUAGE sql AS $$ SELECT 1 $$; COMMIT',
    'COMMIT',
  ],
  [`SELECT E'a'\n'\\''; COMMIT; SELECT 1 -- '`, 'COMMIT'],
])('finds the end or the beginning of a transaction in %j', (text, found) => {
  expect(findTransactionControl(text)).toBe(found);
});

it.each([
  '',
  'SELECT 1',
  'SAVEPOINT a; RELEASE SAVEPOINT a; ROLLBACK TO a',
  'ROLLBACK WORK TO SAVEPOINT a',
  `COMMENT ON TABLE t IS 'x; COMMIT; y'`,
  'DO $$ BEGIN PERFORM 1; COMMIT; END $$',
  'CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $f$ BEGIN NULL; END $f$',
  'CREATE OR REPLACE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT 2; END',
  'CREATE RULE r AS ON INSERT TO t DO ALSO (INSERT INTO u VALUES (1); DELETE FROM u)',
  '-- COMMIT',
  '/* ; COMMIT */ SELECT 1',
  'SELECT 1 AS "x; COMMIT"',
  String.raw`SELECT E'\'; COMMIT; '`,
  'PREPARE p AS SELECT 1',
  'SET TRANSACTION READ ONLY',
  'CREATE TABLE begin_dates (commit int)',
])('finds none in %j', (text) => {
  expect(findTransactionControl(text)).toBeUndefined();
});

it.each([
  'COMMIT; SELECT 1',
  'SELECT 1; COMMIT AND CHAIN; SELECT 2',
  'BEGIN; ROLLBACK; BEGIN',
  'END;;\n/* c */ (SELECT 1)',
  'ABORT; VALUES (1)',
  `PREPARE TRANSACTION 'x'; BEGIN`,
])('finds a statement behind the end of a transaction in %j', (text) => {
  expect(continuesAfterEnd(text)).toBe(true);
});

it.each([
  '',
  'COMMIT',
  'SELECT 1; COMMIT; -- the end; really',
  'BEGIN; SELECT 1',
  'SAVEPOINT s; ROLLBACK TO s; SELECT 1',
  `SELECT 'COMMIT; '; SELECT 2`,
  'DO $$ BEGIN COMMIT; END $$; SELECT 1',
])('finds none behind it in %j', (text) => {
  expect(continuesAfterEnd(text)).toBe(false);
});

it.each([
  'BEGIN',
  'begin;',
  'BEGIN WORK ISOLATION LEVEL SERIALIZABLE; -- so',
  '/* a /* b */ c */ start\ntransaction read only',
  'set transaction read only',
  'SET LOCAL TRANSACTION ISOLATION LEVEL SERIALIZABLE',
  'LOCK TABLE t',
  'DECLARE c CURSOR FOR SELECT 1',
])('sees that %j begins a block, or needs one', (text) => {
  expect(isBlockStatement(text)).toBe(true);
});

it.each([
  'BEGIN; SELECT 1',
  'SELECT 1; BEGIN',
  'start',
  "SELECT 'BEGIN'",
  '"BEGIN"',
  'COMMIT AND CHAIN',
  'DO $$ BEGIN END $$',
  '',
  'DECLARE c NO SCROLL CURSOR WITH/**/HOLD FOR SELECT 1',
  'SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY',
  'SET lock_timeout TO 1',
  'LOCK t; SELECT 1',
  'DECLARED',
])('sees that %j is more, or needs no block', (text) => {
  expect(isBlockStatement(text)).toBe(false);
});
