import pg from 'pg';
import { quoteIdentifier } from '../../core/names/quote-identifier.js';
import type { SchemaTarget } from './schema-target.js';

/** Names the table in each schema that records its applied migrations. It moves with the schema. */
export const MIGRATIONS_TABLE = 'tenant_schemas_ledger';

/** Returns the quoted name of a schema's migrations table, for SQL. */
export const migrationsTableOf = ({ sqlName }: Pick<SchemaTarget, 'sqlName'>): string =>
  `${quoteIdentifier(sqlName)}.${quoteIdentifier(MIGRATIONS_TABLE)}`;

/**
 * Returns SQL that writes the comment of a migrations table. This is the fingerprint of its rows, or the
 * marker of an unfinished creation or drop. The comment of the schema itself belongs to migrations. COMMENT
 * takes no parameters.
 */
export const commentStatement = (target: Pick<SchemaTarget, 'sqlName'>, comment: string): string =>
  `COMMENT ON TABLE ${migrationsTableOf(target)} IS ${pg.escapeLiteral(comment)}`;

const descriptionOf = (catalogue: string, oid: string): string =>
  `(SELECT d.description FROM pg_catalog.pg_description AS d
    WHERE d.classoid = 'pg_catalog.${catalogue}'::regclass AND d.objoid = ${oid} AND d.objsubid = 0)`;

/**
 * Returns the SQL expression for the comment of a schema's migrations table. If it has none, the comment of
 * the schema applies, because earlier versions wrote it there.
 *
 * @param namespace SQL for the oid of the schema
 */
export const migrationsTableComment = (namespace: string): string => `coalesce(
  (SELECT ${descriptionOf('pg_class', 'migrations.oid')} FROM pg_catalog.pg_class AS migrations
   WHERE migrations.relnamespace = ${namespace} AND migrations.relname = '${MIGRATIONS_TABLE}'),
  ${descriptionOf('pg_namespace', namespace)})`;

/**
 * Returns SQL that reads the comment of a schema's migrations table, or no row for a missing schema. A valid
 * schema name needs no escapes.
 */
export const readCommentStatement = (schema: string): string =>
  `SELECT ${migrationsTableComment('n.oid')} AS comment FROM pg_catalog.pg_namespace AS n WHERE n.nspname = '${schema}'`;
