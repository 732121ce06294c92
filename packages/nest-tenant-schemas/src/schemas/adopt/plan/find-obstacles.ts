import type { QueryRunner } from 'typeorm';
import type { SchemaObject as Definition } from '../../catalog/schema-comparison.js';
import { namesObjectOf } from '../../lifecycle/rename/rename-text.js';
import type { ObjectReason } from './choose-objects.js';
import { nameOf, type SchemaObject } from '../schema-objects.js';

/** Lists objects that the role of the work may not alter. */
export function findForeignOwners(moves: readonly SchemaObject[]): ObjectReason[] {
  return moves
    .filter(({ isOwned }) => !isOwned)
    .map((object) => ({
      what: nameOf(object),
      why: `role "${object.owner}" owns it. Run as an administrator: GRANT "${object.owner}" TO "${object.role}"`,
    }));
}

/** Lists range types: PostgreSQL moves neither their constructors nor their multirange type with them. */
export async function findRangeTypes(
  queryRunner: QueryRunner,
  moves: readonly SchemaObject[],
): Promise<ObjectReason[]> {
  const rows = (await queryRunner.query(
    'SELECT rngtypid::text AS oid FROM pg_catalog.pg_range WHERE rngtypid = ANY ($1::oid[])',
    [moves.filter(({ type }) => type === 'type').map(({ oid }) => oid)],
  )) as { oid: string }[];
  const ranges = new Set(rows.map(({ oid }) => oid));
  return moves
    .filter(({ type, oid }) => type === 'type' && ranges.has(oid))
    .map((object) => ({
      what: nameOf(object),
      why: `PostgreSQL does not move the functions of a range type. Keep it for all tenants: --shared ${object.name}`,
    }));
}

const PUBLICATIONS = `
SELECT p.pubname AS name FROM pg_catalog.pg_publication AS p
WHERE p.puballtables
   OR EXISTS (SELECT FROM pg_catalog.pg_publication_rel AS r WHERE r.prpubid = p.oid AND r.prrelid = ANY ($1::oid[]))
   OR EXISTS (SELECT FROM pg_catalog.pg_publication_tables AS t JOIN pg_catalog.pg_class AS c
                ON c.relname = t.tablename AND c.relnamespace = t.schemaname::regnamespace
              WHERE t.pubname = p.pubname AND c.oid = ANY ($1::oid[]))
ORDER BY name`;

/** Lists publications of moved tables: subscribers would not find the tables under their new names. */
export async function findPublications(
  queryRunner: QueryRunner,
  moves: readonly SchemaObject[],
): Promise<ObjectReason[]> {
  const tables = moves.filter(({ type }) => type === 'table').map(({ oid }) => oid);
  if (tables.length === 0) return [];
  const rows = (await queryRunner.query(PUBLICATIONS, [tables])) as { name: string }[];
  return rows.map(({ name }) => ({
    what: `publication ${name}`,
    why: 'it publishes moved tables, and subscribers would not find them under their new names. Drop it first',
  }));
}

/** Matches a literal in the server's words, and the cast of one that refers to its object and follows it. */
const LITERAL = /'((?:[^']|'')*)'(::reg\w+)?/g;

/** Lists objects with a string that names a moved object, for example `nextval(('public.ids'::text)::regclass)`. */
export function findNamesInStrings(
  definitions: readonly Definition[],
  schema: string,
  names: ReadonlySet<string>,
): ObjectReason[] {
  return definitions
    .filter(({ what }) => !/^(?:function|enum) /.test(what))
    .filter(({ definition }) =>
      [...definition.matchAll(LITERAL)].some(
        ([, content = '', reference]) =>
          reference === undefined && namesObjectOf(content, schema, names),
      ),
    )
    .map(({ what }) => ({
      what,
      why: `a string in it names an object as ${schema}.…, which PostgreSQL does not change. Change it first`,
    }));
}

/** Returns the names that may follow the schema's name and a dot. */
export const namesOf = (objects: readonly SchemaObject[]): ReadonlySet<string> =>
  new Set(objects.map(({ name }) => name));

const CONFLICTS = `
WITH schema AS (SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = $1),
target AS (SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = $2)
SELECT 'relation ' || c.relname AS what FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_class AS t ON t.relname = c.relname
WHERE c.relnamespace = (SELECT oid FROM schema) AND t.relnamespace = (SELECT oid FROM target) AND c.relname <> ALL ($3)
UNION
SELECT 'type ' || c.typname FROM pg_catalog.pg_type AS c JOIN pg_catalog.pg_type AS t ON t.typname = c.typname
WHERE c.typnamespace = (SELECT oid FROM schema) AND t.typnamespace = (SELECT oid FROM target) AND c.typrelid = 0
  AND c.typelem = 0
UNION
SELECT 'function ' || c.proname FROM pg_catalog.pg_proc AS c JOIN pg_catalog.pg_proc AS t
  ON t.proname = c.proname AND t.proargtypes = c.proargtypes
WHERE c.pronamespace = (SELECT oid FROM schema) AND t.pronamespace = (SELECT oid FROM target)
ORDER BY what`;

/**
 * Lists names of a schema that another schema has too.
 *
 * @param except relations that do not move
 */
export async function findConflicts(
  queryRunner: QueryRunner,
  from: string,
  to: string,
  except: readonly string[],
): Promise<ObjectReason[]> {
  const rows = (await queryRunner.query(CONFLICTS, [from, to, except])) as { what: string }[];
  return rows.map(({ what }) => ({
    what,
    why: `schema "${to}" has an object of this name. Rename or drop one of them`,
  }));
}
