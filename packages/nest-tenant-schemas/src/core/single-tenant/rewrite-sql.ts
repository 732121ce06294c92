import { quoteIdentifier } from '../names/quote-identifier.js';
import { TENANT_SCHEMA } from '../names/schema-placeholder.js';
import type { ExtensionNames } from './extension-names.js';
import { isExtensionObject } from './extension-position.js';
import { editExtensionStatement } from './extension-statement.js';
import { editLiterals } from './sql-in-literals.js';
import { editSettings } from './local-settings.js';
import { editStatements, type SqlStatement } from './sql-statement.js';

/** Names the schema of a single-tenant application. */
export const SINGLE_SCHEMA = 'public';

const TENANT = quoteIdentifier(TENANT_SCHEMA);

/** Configures the rewriting of SQL. */
export interface RewriteOptions {
  /** Names of extension objects in `public`, which stay in `public`. */
  readonly extensions: ExtensionNames;
  /**
   * Whether the statement runs in a transaction. Then CONCURRENTLY is removed, which the server rejects there, and settings
   * end with the transaction. Default: false.
   */
  readonly inTransaction?: boolean;
  /** Whether the text is the body of a function or of a DO block. Default: false. */
  readonly isBody?: boolean;
}

/**
 * Rewrites SQL of a single-tenant application for a tenant: names in the schema `public` become names in the schema of the
 * placeholder. It rewrites identifiers, the bodies of SQL and PL/pgSQL functions, and literals that name an object. Other
 * literals and comments stay. Decision: docs/decisions/0022-single-tenant-migrations.md.
 */
export function rewriteSql(text: string, options: RewriteOptions): string {
  return editStatements(text, (statement) => {
    if (editExtensionStatement(statement, options.isBody === true)) return;
    editLiterals(statement, (inner, isBody) => rewriteSql(inner, { ...options, isBody }));
    if (options.inTransaction) {
      removeConcurrently(statement);
      editSettings(statement);
    }
    editNames(statement, options.extensions);
    editPathReset(statement, options.inTransaction === true);
    editSchemaLists(statement);
  });
}

/** Replaces `public` before a point, and qualifies names of extension objects. */
function editNames(statement: SqlStatement, extensions: ExtensionNames): void {
  for (const [index, token] of statement.tokens.entries()) {
    const isName = token.kind === 'word' || token.kind === 'quoted';
    if (!isName || statement.has(index - 1, '.')) continue;
    if (statement.nameAt(index) === SINGLE_SCHEMA && statement.has(index + 1, '.')) {
      if (!isExtensionObject(statement, index, index + 2, extensions)) token.text = TENANT;
    } else if (isExtensionObject(statement, index, index, extensions)) {
      token.text = `${SINGLE_SCHEMA}.${token.text}`;
    }
  }
}

/** Makes RESET search_path select the tenant's schema, because the path of the session leads to `public`. */
function editPathReset(statement: SqlStatement, inTransaction: boolean): void {
  // ALTER ROLE … RESET search_path is about later sessions.
  if (statement.has(0, 'alter')) return;
  for (const [index, token] of statement.tokens.entries()) {
    const path = statement.at(index + 1);
    if (!path || !statement.has(index, 'reset', 'search_path')) continue;
    token.text = inTransaction ? 'SET LOCAL' : 'SET';
    path.text += ` TO ${TENANT}`;
  }
}

/** Replaces `public` in lists of schemas: ON SCHEMA public, SET search_path TO public, and TO DEFAULT. */
function editSchemaLists(statement: SqlStatement): void {
  for (const index of statement.tokens.keys()) {
    let at = statement.at(index)?.kind === 'word' ? listStart(statement, index) : undefined;
    if (at === undefined) continue;
    for (; statement.nameAt(at) !== undefined; at += 2) {
      const token = statement.at(at);
      const isDefault = statement.has(index, 'search_path') && statement.has(at, 'default');
      if (token && (isDefault || statement.nameAt(at) === SINGLE_SCHEMA)) token.text = TENANT;
      if (!statement.has(at + 1, ',')) break;
    }
  }
}

/** Returns the index of the first name of a list of schemas that a keyword introduces. */
function listStart(statement: SqlStatement, index: number): number | undefined {
  if (statement.has(index, 'search_path')) {
    return ['=', 'to'].includes(statement.wordAt(index + 1) ?? statement.at(index + 1)?.text ?? '')
      ? index + 2
      : undefined;
  }
  if (!statement.has(index, 'schema')) return undefined;
  if (statement.has(index + 1, 'if', 'exists')) return index + 3;
  return statement.has(index + 1, 'if', 'not', 'exists') ? index + 4 : index + 1;
}

const MAY_BE_CONCURRENT: ReadonlySet<string> = new Set(['create', 'drop', 'reindex', 'alter']);

function removeConcurrently(statement: SqlStatement): void {
  if (!MAY_BE_CONCURRENT.has(statement.wordAt(0) ?? '')) return;
  for (const [index, token] of statement.tokens.entries()) {
    if (statement.has(index, 'concurrently')) token.text = '';
  }
}
