import pg from 'pg';
import { quoteIdentifier } from '../../core/names/quote-identifier.js';
import type { SchemaTarget } from './schema-target.js';

/** The table, inside each schema, that tells which migrations ran there. It moves with the schema. */
export const MIGRATIONS_TABLE = 'tenant_schemas_ledger';

/** The name of a schema's migrations table, for SQL. */
export const migrationsTableOf = ({ sqlName }: Pick<SchemaTarget, 'sqlName'>): string =>
  `${quoteIdentifier(sqlName)}.${quoteIdentifier(MIGRATIONS_TABLE)}`;

/**
 * Writes the comment of a migrations table: the fingerprint of its rows, or the marker of a schema that is created or dropped. The comment
 * of the schema itself is left to migrations. COMMENT takes no parameters.
 */
export const commentStatement = (target: Pick<SchemaTarget, 'sqlName'>, comment: string): string =>
  `COMMENT ON TABLE ${migrationsTableOf(target)} IS ${pg.escapeLiteral(comment)}`;

const descriptionOf = (catalogue: string, oid: string): string =>
  `(SELECT d.description FROM pg_catalog.pg_description AS d
    WHERE d.classoid = 'pg_catalog.${catalogue}'::regclass AND d.objoid = ${oid} AND d.objsubid = 0)`;

/**
 * Writes the SQL expression for the comment of a schema's migrations table. Without one it is the comment of the schema, where earlier
 * versions wrote it.
 *
 * @param namespace SQL for the schema's object number
 */
export const migrationsTableComment = (namespace: string): string => `coalesce(
  (SELECT ${descriptionOf('pg_class', 'migrations.oid')} FROM pg_catalog.pg_class AS migrations
   WHERE migrations.relnamespace = ${namespace} AND migrations.relname = '${MIGRATIONS_TABLE}'),
  ${descriptionOf('pg_namespace', namespace)})`;

/** Reads the comment of a schema's migrations table; no row if there is no such schema. A schema's name needs no escaping. */
export const readCommentStatement = (schema: string): string =>
  `SELECT ${migrationsTableComment('n.oid')} AS comment FROM pg_catalog.pg_namespace AS n WHERE n.nspname = '${schema}'`;
