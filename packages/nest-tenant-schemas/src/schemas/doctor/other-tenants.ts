import { MIGRATIONS_TABLE } from '../catalog/migrations-table-comment.js';
import { SHARED_SCHEMA } from '../catalog/schema-target.js';

/**
 * Matches `schema.object`, quoted or not, unless it follows a dot or is part of an address. It captures the
 * quotes of both.
 */
const QUALIFIED = String.raw`(?<![\w$."@/])("?)([a-z_][a-z0-9_]*)"?\s*\.\s*("?)([a-z_][\w$]*)`;

/** Matches a schema on a search path in the catalogue's form. */
const ON_PATH = String.raw`[=,]\s*"?([a-z_][a-z0-9_]*)`;

/** Lists names that a dot may follow in every function, even if a tenant has such a name. */
const ROWS = `'new', 'old', 'excluded'`;

/** Returns SQL for a name as the server reads it: in lower case unless it is quoted. */
const folded = (quote: number): string =>
  `CASE m.parts[${quote}] WHEN '' THEN lower(m.parts[${quote + 1}]) ELSE m.parts[${quote + 1}] END`;

/**
 * Lists functions and triggers of the schemas $1 that name another schema with a migrations table. The name
 * may be part of an object's name, or be on their search path. The rows are `schema`, `what` and `others`.
 * Names in strings count, because a function may execute them, and so do names in comments.
 */
export const OTHER_TENANTS_NAMED = `
WITH text AS MATERIALIZED (
  SELECT n.oid AS namespace, n.nspname AS schema,
         'function ' || p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')' AS what,
         pg_get_functiondef(p.oid) AS definition,
         (SELECT setting FROM unnest(p.proconfig) AS s (setting) WHERE starts_with(setting, 'search_path=')) AS path
  FROM pg_catalog.pg_proc AS p JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
  WHERE n.nspname = ANY ($1) AND p.prokind <> 'a'
    AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS d
                    WHERE d.classid = 'pg_catalog.pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
  UNION ALL
  SELECT n.oid, n.nspname, 'trigger ' || c.relname || '.' || t.tgname, pg_get_triggerdef(t.oid), NULL
  FROM pg_catalog.pg_trigger AS t JOIN pg_catalog.pg_class AS c ON c.oid = t.tgrelid
  JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
  WHERE n.nspname = ANY ($1) AND NOT t.tgisinternal
), named AS (
  SELECT t.namespace, t.schema, t.what, ${folded(1)} AS name, ${folded(3)} AS object
  FROM text AS t CROSS JOIN LATERAL regexp_matches(t.definition, '${QUALIFIED}', 'gi') AS m (parts)
  UNION ALL
  SELECT t.namespace, t.schema, t.what, m.parts[1], NULL
  FROM text AS t CROSS JOIN LATERAL regexp_matches(t.path, '${ON_PATH}', 'g') AS m (parts)
)
SELECT named.schema, named.what, array_agg(DISTINCT named.name ORDER BY named.name) AS others
FROM named JOIN pg_catalog.pg_namespace AS o ON o.nspname = named.name AND o.oid <> named.namespace
WHERE o.nspname <> '${SHARED_SCHEMA}'
  AND EXISTS (SELECT FROM pg_catalog.pg_class AS c WHERE c.relnamespace = o.oid AND c.relname = '${MIGRATIONS_TABLE}')
  AND (named.object IS NULL OR named.name NOT IN (${ROWS}) AND (
    EXISTS (SELECT FROM pg_catalog.pg_class AS c WHERE c.relnamespace = o.oid AND c.relname = named.object)
    OR EXISTS (SELECT FROM pg_catalog.pg_proc AS p WHERE p.pronamespace = o.oid AND p.proname = named.object)
    OR EXISTS (SELECT FROM pg_catalog.pg_type AS t WHERE t.typnamespace = o.oid AND t.typname = named.object)
  -- A column of a table that is called as that tenant's schema.
  ) AND NOT EXISTS (
    SELECT FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid
    WHERE c.relnamespace = named.namespace AND c.relname = named.name AND a.attname = named.object))
GROUP BY named.schema, named.what
ORDER BY named.schema, named.what`;
