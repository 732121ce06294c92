import pg from 'pg';
import { quoteIdentifier } from '../../core/names/quote-identifier.js';
import type { SchemaTarget } from './schema-target.js';

/** The table, inside each schema, that tells which migrations ran there. It moves with the schema. */
export const LEDGER_TABLE = 'tenant_schemas_ledger';

/** The name of a schema's ledger, for SQL. */
export const ledgerOf = ({ sqlName }: Pick<SchemaTarget, 'sqlName'>): string =>
  `${quoteIdentifier(sqlName)}.${quoteIdentifier(LEDGER_TABLE)}`;

/**
 * Writes the comment of a ledger: the digest of its rows, or the mark of a schema that is created or dropped. The comment
 * of the schema itself is left to migrations. COMMENT takes no parameters.
 */
export const commentStatement = (target: Pick<SchemaTarget, 'sqlName'>, comment: string): string =>
  `COMMENT ON TABLE ${ledgerOf(target)} IS ${pg.escapeLiteral(comment)}`;

const descriptionOf = (catalogue: string, oid: string): string =>
  `(SELECT d.description FROM pg_catalog.pg_description AS d
    WHERE d.classoid = 'pg_catalog.${catalogue}'::regclass AND d.objoid = ${oid} AND d.objsubid = 0)`;

/**
 * Writes the SQL expression for the comment of a schema's ledger. Without one it is the comment of the schema, where earlier
 * versions wrote it.
 *
 * @param namespace SQL for the schema's object number
 */
export const ledgerComment = (namespace: string): string => `coalesce(
  (SELECT ${descriptionOf('pg_class', 'ledger.oid')} FROM pg_catalog.pg_class AS ledger
   WHERE ledger.relnamespace = ${namespace} AND ledger.relname = '${LEDGER_TABLE}'),
  ${descriptionOf('pg_namespace', namespace)})`;

/** Reads the comment of a schema's ledger; no row if there is no such schema. A schema's name needs no escaping. */
export const readCommentStatement = (schema: string): string =>
  `SELECT ${ledgerComment('n.oid')} AS comment FROM pg_catalog.pg_namespace AS n WHERE n.nspname = '${schema}'`;
