import { SqlStatement, statementsOf } from '../../../core/single-tenant/sql-statement.js';
import type { ObjectReason } from '../plan/choose-objects.js';
import { isRoutine, nameOf, type SchemaObject } from '../schema-objects.js';
import { type FunctionText, REWRITTEN_LANGUAGES } from './function-texts.js';

/** Lists the words that the name of a table follows. */
const BEFORE_TABLES: ReadonlySet<string> = new Set([
  'from',
  'join',
  'into',
  'update',
  'table',
  'only',
  'truncate',
]);

const SETS_PATH = /^\s*SET search_path /m;

/**
 * Finds functions that name a moved table without its schema. A statement of a tenant has no path to the tenant's schema, so
 * such a function finds no table.
 *
 * @param moved names of tables that move
 */
export function findUnqualifiedNames(
  objects: readonly SchemaObject[],
  texts: readonly FunctionText[],
  moved: ReadonlySet<string>,
): ObjectReason[] {
  return texts.flatMap(({ oid, definition, body, language, isParsed }) => {
    const object = objects.find((each) => isRoutine(each) && each.oid === oid);
    const hasPath = SETS_PATH.test(definition.slice(0, definition.lastIndexOf(body)));
    if (!object || isParsed || hasPath || !REWRITTEN_LANGUAGES.has(language)) return [];
    const names = [...new Set(statementsOf(body).flatMap((each) => tablesOf(each)))];
    const found = names.filter((name) => moved.has(name));
    if (found.length === 0) return [];
    const why =
      `its text names ${found.join(', ')} without a schema, so it finds no table in a tenant. ` +
      `Write public.${found[0]} in it, or set rawSql: 'search_path'`;
    return [{ what: nameOf(object), why }];
  });
}

function tablesOf(statement: SqlStatement): string[] {
  return [...statement.tokens.keys()].flatMap((index) => {
    const name = statement.nameAt(index);
    const isTable =
      BEFORE_TABLES.has(statement.wordAt(index - 1) ?? '') || statement.has(index + 1, '%');
    return name !== undefined && isTable && !statement.has(index + 1, '.') ? [name] : [];
  });
}
