import type { DataSource } from 'typeorm';
import pg from 'pg';
import { TENANT_SCHEMA } from '../../core/names/schema-placeholder.js';
import { quoteIdentifier } from '../../core/names/quote-identifier.js';
import type { MigrationStatements } from '../generate/migration-template.js';

/**
 * Names the table in which TypeORM keeps the texts of views and generated columns, because PostgreSQL
 * rewrites them. It is in the schema of the DataSource, so each tenant has its own, which its migrations
 * create and fill.
 */
export const TYPEORM_METADATA = 'typeorm_metadata';

const TABLE = `${quoteIdentifier(TENANT_SCHEMA)}.${quoteIdentifier(TYPEORM_METADATA)}`;

/** Creates the table like TypeORM's own migration executor, which does not run tenants' migrations. */
const createTable = (condition: string): string =>
  `CREATE TABLE ${condition}${TABLE} ("type" character varying NOT NULL, "database" character varying, ` +
  '"schema" character varying, "table" character varying, "name" character varying, "value" text)';

const CREATE_TABLE = createTable('');

/** Creates the table if it is missing. */
export const CREATE_METADATA_TABLE = createTable('IF NOT EXISTS ');

const DROP_TABLE = `DROP TABLE ${TABLE}`;

/**
 * Returns SQL that sets the replica identity of the table, because it has no key. If a publication includes
 * the table, the server would otherwise reject each UPDATE and DELETE (55000).
 * https://www.postgresql.org/docs/current/logical-replication-publication.html#LOGICAL-REPLICATION-PUBLICATION-REPLICA-IDENTITY
 */
export const identifyStatement = (schema: string): string =>
  `ALTER TABLE ${quoteIdentifier(schema)}.${quoteIdentifier(TYPEORM_METADATA)} REPLICA IDENTITY FULL`;

/** Returns whether a statement changes or deletes rows of the table. */
export const changesMetadata = (statement: string): boolean =>
  /^\s*(?:UPDATE|DELETE\s+FROM)\s+\S*\btypeorm_metadata\b/i.test(statement);

/** Returns whether a statement inserts, changes or deletes rows of the table. */
export const writesMetadata = (statement: string): boolean =>
  changesMetadata(statement) || /^\s*INSERT\s+INTO\s+\S*\btypeorm_metadata\b/i.test(statement);

/** Names the default `relreplident` of a table: its primary key, which this table does not have. */
const DEFAULT_IDENTITY = 'd';

/** Describes a statement of TypeORM. Only statements on its metadata table have parameters. */
interface Query {
  readonly query: string;
  readonly parameters?: readonly unknown[] | undefined;
}

/**
 * Returns the statements that TypeORM would run on a scratch database, with literals in place of parameters.
 *
 * If no migration has created {@link TYPEORM_METADATA} yet, the first one that needs it creates it, and drops
 * it on revert. A table of an earlier version gets its replica identity from the next migration that changes
 * its rows.
 */
export async function readDifference(dataSource: DataSource): Promise<MigrationStatements> {
  const [{ database, identity }] = (await dataSource.query(
    `SELECT current_database() AS database,
            (SELECT relreplident FROM pg_catalog.pg_class WHERE oid = to_regclass('${TABLE}')) AS identity`,
  )) as [{ database: string; identity: string | null }];
  const exists = identity !== null;
  // TypeORM reads this table if any table has a generated column.
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

/** Replaces parameters with literals. The name of the scratch database becomes that of the target database. */
function withLiterals({ query, parameters = [] }: Query, scratchDatabase: string): string {
  return query.replaceAll(/\$(\d+)/g, (placeholder, position: string) => {
    const index = Number(position) - 1;
    const value = parameters[index];
    if (value === scratchDatabase) return 'current_database()';
    // For a new table TypeORM uses current_schema(), which is null with an empty search path.
    const isSchema = parameters[index - 1] === scratchDatabase;
    if (isSchema && value === 'null') return pg.escapeLiteral(TENANT_SCHEMA);
    return typeof value === 'string' ? pg.escapeLiteral(value) : placeholder;
  });
}
