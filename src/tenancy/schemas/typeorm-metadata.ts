import type { DataSource } from 'typeorm';
import pg from 'pg';
import { TENANT_SCHEMA } from '../core/marker.js';
import { quoteIdentifier } from '../core/quote-identifier.js';
import type { MigrationStatements } from './migration-template.js';

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

/** A statement as TypeORM gives it; only those on its metadata have parameters. */
interface Query {
  readonly query: string;
  readonly parameters?: readonly unknown[] | undefined;
}

/**
 * What TypeORM would do to a scratch database, as statements without parameters. Where no migration has made
 * {@link TYPEORM_METADATA} yet, the one that first needs it makes it first and drops it last.
 */
export async function readDifference(dataSource: DataSource): Promise<MigrationStatements> {
  const [{ database, exists }] = (await dataSource.query(
    `SELECT current_database() AS database, to_regclass('${TABLE}') IS NOT NULL AS exists`,
  )) as [{ database: string; exists: boolean }];
  // TypeORM reads it wherever a table has a generated column.
  if (!exists) await dataSource.query(CREATE_TABLE);
  const { upQueries, downQueries } = await dataSource.driver
    .createSchemaBuilder()
    .log()
    .finally(() => (exists ? undefined : dataSource.query(DROP_TABLE)));
  const write = (query: Query): string => withLiterals(query, database);
  const up = upQueries.map(write);
  const down = downQueries.map(write).toReversed();
  if (exists || !up.some((statement) => statement.includes(TABLE))) return { up, down };
  return { up: [CREATE_TABLE, ...up], down: [...down, DROP_TABLE] };
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
