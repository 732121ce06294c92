import { TENANT_SCHEMA } from '../names/schema-placeholder.js';
import type { SqlToken } from '../sql/sql-tokens.js';
import type { SqlStatement } from './sql-statement.js';

/** Rewrites SQL that a literal contains. `isBody` is true for the body of a function or of a DO block. */
type Rewrite = (sql: string, isBody: boolean) => string;

/** Lists functions whose first argument names an object. */
const TAKES_NAME = new Set(
  (
    'nextval setval currval to_regclass to_regtype to_regproc to_regprocedure to_regnamespace ' +
    'pg_get_serial_sequence pg_relation_size pg_table_size pg_total_relation_size'
  ).split(' '),
);

/** Matches columns of the catalogues that contain names of schemas. */
const SCHEMA_COLUMN =
  /^(?:nspname|schemaname|schema_name|(?:table|constraint|trigger|routine|specific|udt|sequence|unique_constraint|object|event_object)_schema)$/;

/** Matches them in a statement on TypeORM's table of views and generated columns. */
const METADATA_SCHEMA_COLUMN = new RegExp(`^schema$|${SCHEMA_COLUMN.source}`);

/** Matches tokens between such a column and the names it is compared with: `= ANY (ARRAY['public'])`. */
const COMPARES = /^(?:=|<|>|!|in|any|array|not|[([,])$/;

/** Matches words ahead of a body in `CREATE FUNCTION`, `CREATE PROCEDURE` and `DO`. */
const HAS_BODY = /^(?:do\b|create (?:or replace )?(?:function|procedure)\b)/;

const LANGUAGES = new Set(['sql', 'plpgsql']);

/** Edits the literals of a statement that are SQL or name an object or a schema. Others are data and stay. */
export function editLiterals(statement: SqlStatement, rewrite: Rewrite): void {
  const hasBody = hasSqlBody(statement);
  const schemaColumn = namesMetadata(statement) ? METADATA_SCHEMA_COLUMN : SCHEMA_COLUMN;
  let isCompared = false;
  for (const [index, token] of statement.tokens.entries()) {
    isCompared = schemaColumn.test(statement.nameAt(index) ?? '')
      ? true
      : isCompared && (token.kind === 'string' || COMPARES.test(token.text.toLowerCase()));
    if (token.kind !== 'string' && token.kind !== 'dollar') continue;
    if (hasBody && (token.kind === 'dollar' || isFirstAfter(statement, index))) {
      editContent(token, (sql) => rewrite(sql, true));
    } else if (isExecuted(statement, index) || namesObject(statement, index)) {
      editContent(token, (sql) => rewrite(sql, false));
    }
    if (
      isCompared ||
      statement.has(index + 1, ':', ':', 'regnamespace') ||
      isPath(statement, index)
    ) {
      editContent(token, replaceSchema);
    }
  }
}

/** Replaces `public` in a list of names. */
function replaceSchema(names: string): string {
  return names
    .split(',')
    .map((name) => (/^\s*(?:public|"public")\s*$/.test(name) ? TENANT_SCHEMA : name))
    .join(',');
}

function editContent(token: SqlToken, edit: (content: string) => string): void {
  if (token.kind === 'string') {
    const content = token.text.slice(1, -1).replaceAll("''", "'");
    token.text = `'${edit(content).replaceAll("'", "''")}'`;
    return;
  }
  const tag = token.text.slice(0, token.text.indexOf('$', 1) + 1);
  token.text = tag + edit(token.text.slice(tag.length, -tag.length)) + tag;
}

function namesMetadata(statement: SqlStatement): boolean {
  return statement.tokens.some((_, index) => statement.nameAt(index) === 'typeorm_metadata');
}

function hasSqlBody(statement: SqlStatement): boolean {
  const words = [0, 1, 2, 3].map((index) => statement.wordAt(index)).join(' ');
  if (!HAS_BODY.test(words)) return false;
  const at = statement.tokens.findIndex((_, index) => statement.has(index, 'language'));
  const language =
    statement
      .at(at + 1)
      ?.text.toLowerCase()
      .replaceAll(/['"]/g, '') ?? '';
  return at < 0 ? statement.has(0, 'do') : LANGUAGES.has(language);
}

/** Returns whether the literal is a body in single quotes. */
function isFirstAfter(statement: SqlStatement, index: number): boolean {
  return statement.has(index - 1, 'as') || (index === 1 && statement.has(0, 'do'));
}

/** Returns whether the literal is dynamic SQL of PL/pgSQL. */
function isExecuted(statement: SqlStatement, index: number): boolean {
  return statement.has(index - 1, 'execute') || statement.has(index - 3, 'execute', 'format', '(');
}

/** Returns whether the literal names an object: `'public.user'::regclass`, `nextval('public.ids')`. */
function namesObject(statement: SqlStatement, index: number): boolean {
  if (statement.has(index + 1, ':', ':') && statement.wordAt(index + 3)?.startsWith('reg')) {
    return true;
  }
  return statement.has(index - 1, '(') && TAKES_NAME.has(statement.wordAt(index - 2) ?? '');
}

/** Returns whether the literal is a search path, in SET search_path, SET SCHEMA or set_config. */
function isPath(statement: SqlStatement, index: number): boolean {
  const before = statement.at(index - 1)?.text.toLowerCase() ?? '';
  if (statement.has(0, 'set') && before === 'schema') return true;
  if (before === '=' || before === 'to') return statement.has(index - 2, 'search_path');
  return statement.has(index - 2, "'search_path'", ',');
}
