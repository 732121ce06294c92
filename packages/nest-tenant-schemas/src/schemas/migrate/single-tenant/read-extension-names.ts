import type { QueryRunner } from 'typeorm';
import type { ExtensionNames } from '../../../core/single-tenant/extension-names.js';

/**
 * Returns the extensions, and the names of their objects in `public`. It omits functions that the server has too, such as
 * `replace(citext, …)`, because an unqualified call means the server's.
 */
export const READ_EXTENSION_NAMES = `SELECT
    coalesce(array_agg(p.proname::text) FILTER (WHERE p.oid IS NOT NULL AND NOT EXISTS (
      SELECT FROM pg_catalog.pg_proc AS s
      WHERE s.proname = p.proname AND s.pronamespace = 'pg_catalog'::regnamespace)), '{}') AS functions,
    coalesce(array_agg(coalesce(t.typname, o.opcname)::text) FILTER (WHERE t.oid IS NOT NULL OR o.oid IS NOT NULL), '{}') AS types,
    coalesce(array_agg(r.oprname::text) FILTER (WHERE r.oid IS NOT NULL), '{}') AS operators,
    coalesce(array_agg(c.relname::text) FILTER (WHERE c.oid IS NOT NULL), '{}') AS relations,
    ARRAY(SELECT e.extname::text FROM pg_catalog.pg_extension AS e) AS installed
  FROM pg_catalog.pg_namespace AS n
  JOIN pg_catalog.pg_depend AS d ON d.refclassid = 'pg_catalog.pg_extension'::regclass AND d.deptype = 'e'
  LEFT JOIN pg_catalog.pg_proc AS p
    ON d.classid = 'pg_catalog.pg_proc'::regclass AND p.oid = d.objid AND p.pronamespace = n.oid
  LEFT JOIN pg_catalog.pg_type AS t
    ON d.classid = 'pg_catalog.pg_type'::regclass AND t.oid = d.objid AND t.typnamespace = n.oid
  LEFT JOIN pg_catalog.pg_opclass AS o
    ON d.classid = 'pg_catalog.pg_opclass'::regclass AND o.oid = d.objid AND o.opcnamespace = n.oid
  LEFT JOIN pg_catalog.pg_operator AS r
    ON d.classid = 'pg_catalog.pg_operator'::regclass AND r.oid = d.objid AND r.oprnamespace = n.oid
  LEFT JOIN pg_catalog.pg_class AS c
    ON d.classid = 'pg_catalog.pg_class'::regclass AND c.oid = d.objid AND c.relnamespace = n.oid
  WHERE n.nspname = 'public'`;

/** Holds the names for each query runner. They change only by CREATE EXTENSION, which runs once a database. */
const namesOf = new WeakMap<QueryRunner, Promise<ExtensionNames>>();

/** Returns the names of extension objects in `public`. It reads them once for a query runner. */
export function extensionNamesOf(
  queryRunner: QueryRunner,
  query: QueryRunner['query'],
): Promise<ExtensionNames> {
  let names = namesOf.get(queryRunner);
  if (!names) {
    names = readExtensionNames(query);
    namesOf.set(queryRunner, names);
  }
  return names;
}

/** Reads the extensions, and the names of their objects in `public`. */
export async function readExtensionNames(query: QueryRunner['query']): Promise<ExtensionNames> {
  const rows: unknown = await query(READ_EXTENSION_NAMES);
  const [{ functions, types, operators, relations, installed }] = rows as [
    Record<keyof ExtensionNames, string[]>,
  ];
  return {
    functions: new Set(functions),
    types: new Set(types),
    operators: new Set(operators),
    relations: new Set(relations),
    installed: new Set(installed),
  };
}

/** Makes the next statement read the names again, because an extension was created. */
export function forgetExtensionNames(queryRunner: QueryRunner): void {
  namesOf.delete(queryRunner);
}
