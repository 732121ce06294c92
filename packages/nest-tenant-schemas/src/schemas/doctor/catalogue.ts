import type { DataSource } from 'typeorm';
import { quoteIdentifier } from '../../core/names/quote-identifier.js';
import { readDefinitionsWith } from '../catalog/catalogue-settings.js';
import { MIGRATIONS_TABLE } from '../catalog/migrations-table-comment.js';
import { SHARED_SCHEMA, SHARED_TARGET } from '../catalog/schema-target.js';
import { type Finding, finding } from './finding.js';
import { OTHER_TENANTS_NAMED } from './other-tenants.js';

/** Holds the catalogue's information about a schema. */
export interface CatalogueState {
  readonly exists: boolean;
  readonly hasMigrationsTable: boolean;
  /** Objects with a finding. */
  readonly objects: readonly FoundObject[];
}

export interface FoundObject {
  readonly finding: Finding;
  /** The beginning of every line about the object in a schema's description. */
  readonly line: string;
}

const NAMESPACES = `
  SELECT n.nspname AS schema,
         EXISTS (SELECT FROM pg_catalog.pg_class AS c
                 WHERE c.relnamespace = n.oid AND c.relname = '${MIGRATIONS_TABLE}') AS "hasMigrationsTable"
  FROM pg_catalog.pg_namespace AS n WHERE n.nspname = ANY ($1)`;

const INVALID_INDEXES = `
  SELECT n.nspname AS schema, c.relname AS index, t.relname AS table
  FROM pg_catalog.pg_index AS i JOIN pg_catalog.pg_class AS c ON c.oid = i.indexrelid
  JOIN pg_catalog.pg_class AS t ON t.oid = i.indrelid
  JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
  WHERE NOT i.indisvalid AND n.nspname = ANY ($1)
  ORDER BY n.nspname, c.relname`;

const EXTENSIONS = `
  SELECT n.nspname AS schema, e.extname AS extension, e.extrelocatable AS "isRelocatable"
  FROM pg_catalog.pg_extension AS e JOIN pg_catalog.pg_namespace AS n ON n.oid = e.extnamespace
  WHERE n.nspname = ANY ($1) AND n.nspname <> '${SHARED_SCHEMA}'
  ORDER BY n.nspname, e.extname`;

/** Reads the catalogue for a list of schemas, in four queries for any number of schemas. */
export async function readCatalogue(
  dataSource: DataSource,
  schemas: readonly string[],
): Promise<(schema: string) => CatalogueState> {
  const runQuery = <Row>(statement: string): Promise<Row[]> =>
    readDefinitionsWith<Row>(dataSource, statement, [schemas]);
  const namespaces = await runQuery<{ schema: string; hasMigrationsTable: boolean }>(NAMESPACES);
  const indexes = await runQuery<{ schema: string; index: string; table: string }>(INVALID_INDEXES);
  const named = await runQuery<{ schema: string; what: string; others: string[] }>(
    OTHER_TENANTS_NAMED,
  );
  const extensions = await runQuery<ExtensionRow>(EXTENSIONS);
  const objects = [
    ...extensions.map((row) => extensionInTenant(row)),
    ...indexes.map((row) => invalidIndex(row)),
    ...named.map((row) => otherTenantNamed(row)),
  ];
  const migrationsTables = new Map(
    namespaces.map(({ schema, hasMigrationsTable }) => [schema, hasMigrationsTable]),
  );
  return (schema) => ({
    exists: migrationsTables.has(schema),
    hasMigrationsTable: migrationsTables.get(schema) === true,
    objects: objects.filter((object) => object.finding.schema === schema),
  });
}

/** Returns the existing schemas of a list. */
export async function existing(
  dataSource: DataSource,
  schemas: readonly string[],
): Promise<ReadonlySet<string>> {
  const rows = (await SHARED_TARGET.enter(() => dataSource.query(NAMESPACES, [schemas]))) as {
    schema: string;
  }[];
  return new Set(rows.map(({ schema }) => schema));
}

interface ExtensionRow {
  readonly schema: string;
  readonly extension: string;
  readonly isRelocatable: boolean;
}

function extensionInTenant({ schema, extension, isRelocatable }: ExtensionRow): FoundObject {
  const name = quoteIdentifier(extension);
  return {
    // Descriptions of schemas do not contain extensions.
    line: `extension ${extension} `,
    finding: finding(
      'EXTENSION_IN_TENANT',
      schema,
      `Extension ${extension} is installed in this schema, but a database has each extension only once. ` +
        'If other tenants use the extension, this tenant cannot be deleted.',
      isRelocatable
        ? `As a superuser: CREATE SCHEMA IF NOT EXISTS extensions; GRANT USAGE ON SCHEMA extensions TO PUBLIC; ALTER EXTENSION ${name} SET SCHEMA extensions`
        : `PostgreSQL cannot move this extension. Install it in a shared schema before tenants use it: CREATE EXTENSION ${name} SCHEMA extensions`,
    ),
  };
}

function invalidIndex(row: { schema: string; index: string; table: string }): FoundObject {
  const { schema, index, table } = row;
  const name = `${quoteIdentifier(schema)}.${quoteIdentifier(index)}`;
  return {
    line: `index ${index} `,
    finding: finding(
      'INDEX_INVALID',
      schema,
      `Index ${index} of table ${table} is invalid: its build is running or was interrupted.`,
      `If no build is running: REINDEX INDEX CONCURRENTLY ${name}`,
    ),
  };
}

function otherTenantNamed(row: { schema: string; what: string; others: string[] }): FoundObject {
  const { schema, what, others } = row;
  const [kind = ''] = what.split(' ');
  return {
    // The description may write the argument types differently.
    line: kind === 'function' ? what.slice(0, what.indexOf('(') + 1) : `${what} `,
    finding: finding(
      'OTHER_TENANT_NAMED',
      schema,
      `The ${what} names schemas of other tenants: ${others.join(', ')}.`,
      `Create the ${kind} again with the statement of its migration, for the schema ${schema}.`,
    ),
  };
}
