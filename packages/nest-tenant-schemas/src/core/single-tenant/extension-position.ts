import type { ExtensionNames } from './extension-names.js';
import type { SqlStatement } from './sql-statement.js';

/** Lists words before the name of a relation or of a definition that parentheses may follow. */
const BEFORE_RELATION = new Set(
  'as copy exists into only recursive references table update view with'.split(' '),
);
const BEFORE_ROUTINE = new Set(['aggregate', 'function', 'procedure', 'routine']);

/** Lists words before a name that is not a type. A column may have any other name. */
const NOT_BEFORE_TYPE = new Set(
  (
    'add all alter and any as begin between by case cast collate column constraint copy declare default delete ' +
    'distinct drop each else except exclude execute exists for from function group having if in index insert ' +
    'intersect into is join like limit lock not offset on only or order procedure references rename returning ' +
    'schema select set some table then to truncate union update using values view when where with without'
  ).split(' '),
);

/** Matches the first words of statements whose parentheses contain types. */
const DEFINES_ROUTINE =
  /^(?:create|drop|alter) (?:or replace )?(?:function|procedure|aggregate|cast|operator)\b/;

/**
 * Returns whether a name stands for an object of an extension.
 *
 * @param start the index of the first token: of the schema, or of the name itself
 * @param index the index of the name
 */
export function isExtensionObject(
  statement: SqlStatement,
  start: number,
  index: number,
  names: ExtensionNames,
): boolean {
  if (statement.has(start - 2, 'operator', '(')) {
    return names.operators.has(operatorAt(statement, index));
  }
  const name = statement.nameAt(index);
  if (name === undefined || statement.has(index + 1, '.')) return false;
  const isQualified = start !== index;
  return (
    (names.functions.has(name) && isCall(statement, start, index, isQualified)) ||
    (names.types.has(name) && isType(statement, start, index, isQualified)) ||
    (names.relations.has(name) && isQualified)
  );
}

/** Returns whether the name is called. A quoted name before a parenthesis is mostly a table or an index. */
function isCall(
  statement: SqlStatement,
  start: number,
  index: number,
  isQualified: boolean,
): boolean {
  if (!statement.has(index + 1, '(')) return false;
  if (statement.at(index)?.kind === 'quoted' && !isQualified) return false;
  const before = statement.wordAt(start - 1) ?? '';
  if (BEFORE_ROUTINE.has(before)) {
    // A trigger or a GRANT names an existing function. CREATE, ALTER and DROP name one of the application.
    return ['execute', 'on'].includes(statement.wordAt(start - 2) ?? '');
  }
  return !BEFORE_RELATION.has(before) && !(before === 'on' && createsIndex(statement));
}

function isType(
  statement: SqlStatement,
  start: number,
  index: number,
  isQualified: boolean,
): boolean {
  if (statement.has(start - 2, ':', ':')) return true;
  if (statement.at(index)?.kind === 'quoted' && !isQualified) return false;
  const before = statement.at(start - 1);
  const word = statement.wordAt(start - 1);
  if (word === undefined) {
    if (before?.kind === 'quoted' || before?.text === ')') return true;
    return (before?.text === '(' || before?.text === ',') && definesRoutine(statement);
  }
  // CREATE TYPE and its like define a type; ALTER COLUMN … TYPE uses one.
  if (word === 'type') return start > 2;
  // CREATE DOMAIN … AS type and CAST (… AS type), in contrast to an alias.
  if (word === 'as') {
    const isCast = [')', '(', '['].some((text) => statement.has(index + 1, text));
    return isCast || statement.has(0, 'create', 'domain');
  }
  return !NOT_BEFORE_TYPE.has(word);
}

/** Returns the operator of `OPERATOR(schema.operator)`. */
function operatorAt(statement: SqlStatement, index: number): string {
  const end = statement.tokens.findIndex((_, at) => at > index && statement.has(at, ')'));
  return statement.tokens
    .slice(index, end)
    .map(({ text }) => text)
    .join('');
}

function createsIndex(statement: SqlStatement): boolean {
  return statement.has(0, 'create', 'index') || statement.has(0, 'create', 'unique', 'index');
}

function definesRoutine(statement: SqlStatement): boolean {
  const words = [0, 1, 2, 3].map((index) => statement.wordAt(index)).join(' ');
  return DEFINES_ROUTINE.test(words);
}
