import type { DataSource } from 'typeorm';
import pg from 'pg';
import { TENANT_SCHEMA } from '../../core/names/schema-placeholder.js';
import { quoteIdentifier } from '../../core/names/quote-identifier.js';
import type { MigrationStatements } from '../generate/migration-template.js';

/**
 * Where TypeORM keeps the texts of views and generated columns, as PostgreSQL gives them back rewritten. It
 * is in the schema of the DataSource, so each tenant has one that its own migrations make and fill.
 */
export const TYPEORM_METADATA = 'typeorm_metadata';

const TABLE = `${quoteIdentifier(TENANT_SCHEMA)}.${quoteIdentifier(TYPEORM_METADATA)}`;

/** As TypeORM's own executor makes it, which no tenant's migrations are run by. */
const CREATE_TABLE =
  `CREATE TABLE ${TABLE} ("type" character varying NOT NULL, "database" character varying, ` +
  '"schema" character varying, "table" character varying, "name" character varying, "value" text)';

const DROP_TABLE = `DROP TABLE ${TABLE}`;

/**
 * Lets a publication of all tables, or of all tables of a schema, have changes of the table, which has no key. Without
 * it the server rejects each UPDATE and DELETE there (55000).
 * https://www.postgresql.org/docs/current/logical-replication-publication.html#LOGICAL-REPLICATION-PUBLICATION-REPLICA-IDENTITY
 */
export const identifyStatement = (schema: string): string =>
  `ALTER TABLE ${quoteIdentifier(schema)}.${quoteIdentifier(TYPEORM_METADATA)} REPLICA IDENTITY FULL`;

/** Whether a statement changes or deletes rows of the table. */
export const changesMetadata = (statement: string): boolean =>
  /^\s*(?:UPDATE|DELETE\s+FROM)\s+\S*\btypeorm_metadata\b/i.test(statement);

/** `relreplident` of a table by default: its primary key, which this table does not have. */
const DEFAULT_IDENTITY = 'd';

/** A statement as TypeORM gives it; only those on its metadata have parameters. */
interface Query {
  readonly query: string;
  readonly parameters?: readonly unknown[] | undefined;
}

/**
 * What TypeORM would do to a scratch database, as statements without parameters. Where no migration has made
 * {@link TYPEORM_METADATA} yet, the one that first needs it makes it first and drops it last. A table that an earlier
 * version generated gets its replica identity from the next migration that changes its rows.
 */
export async function readDifference(dataSource: DataSource): Promise<MigrationStatements> {
  const [{ database, identity }] = (await dataSource.query(
    `SELECT current_database() AS database,
            (SELECT relreplident FROM pg_catalog.pg_class WHERE oid = to_regclass('${TABLE}')) AS identity`,
  )) as [{ database: string; identity: string | null }];
  const exists = identity !== null;
  // TypeORM reads it wherever a table has a generated column.
  if (!exists) await dataSource.query(CREATE_TABLE);
  const { upQueries, downQueries } = await dataSource.driver
    .createSchemaBuilder()
    .log()
    .finally(() => (exists ? undefined : dataSource.query(DROP_TABLE)));
  const write = (query: Query): string => withLiterals(query, database);
  const up = upQueries.map(write);
  const down = downQueries.map(write).toReversed();
  if (!up.some((statement) => statement.includes(TABLE))) return { up, down };
  const identify = identifyStatement(TENANT_SCHEMA);
  if (exists) return { up: identity === DEFAULT_IDENTITY ? [identify, ...up] : up, down };
  return { up: [CREATE_TABLE, identify, ...up], down: [...down, DROP_TABLE] };
}

/** The name of the scratch database becomes that of the database which the migration will run in. */
function withLiterals({ query, parameters = [] }: Query, scratchDatabase: string): string {
  return query.replaceAll(/\$(\d+)/g, (placeholder, position: string) => {
    const index = Number(position) - 1;
    const value = parameters[index];
    if (value === scratchDatabase) return 'current_database()';
    // Of a new table TypeORM asks for current_schema(), which an empty search path has none of.
    const isSchema = parameters[index - 1] === scratchDatabase;
    if (isSchema && value === 'null') return pg.escapeLiteral(TENANT_SCHEMA);
    return typeof value === 'string' ? pg.escapeLiteral(value) : placeholder;
  });
}
