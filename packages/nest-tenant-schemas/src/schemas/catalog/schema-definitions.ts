import { MIGRATIONS_TABLE } from './migrations-table-comment.js';

const NAMESPACES =
  'SELECT oid, nspname AS schema FROM pg_catalog.pg_namespace WHERE nspname = ANY ($1)';

const RELATIONS = `
  SELECT c.*, n.schema, CASE c.relkind WHEN 'r' THEN 'table' WHEN 'p' THEN 'table' WHEN 'f' THEN 'foreign table'
                WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' WHEN 'c' THEN 'type'
                WHEN 'S' THEN 'sequence' ELSE 'index' END AS kind
  FROM pg_catalog.pg_class AS c JOIN namespace AS n ON n.oid = c.relnamespace
  WHERE c.relname <> '${MIGRATIONS_TABLE}' AND c.relname NOT LIKE '${MIGRATIONS_TABLE.replaceAll('_', String.raw`\_`)}\\_%'
    AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS d
                    WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')`;

/**
 * Reads all parts of the schemas $1 as rows of `schema`, `what` and `definition`. It walks through the
 * catalogues once, however many schemas there are. The texts are the server's own, so definitions that differ
 * only in style are equal.
 * https://www.postgresql.org/docs/current/functions-info.html#FUNCTIONS-INFO-CATALOG
 */
export const DEFINITIONS = `
WITH namespace AS MATERIALIZED (${NAMESPACES}), relation AS MATERIALIZED (${RELATIONS})
SELECT r.schema, r.kind || ' ' || r.relname AS what,
       concat_ws(' ', nullif(r.relpersistence::text, 'p'),
         CASE WHEN r.relkind IN ('v', 'm') THEN pg_get_viewdef(r.oid) END,
         'PARTITION BY ' || CASE WHEN r.relkind = 'p' THEN pg_get_partkeydef(r.oid) END,
         pg_get_expr(r.relpartbound, r.oid),
         'INHERITS ' || (SELECT string_agg(i.inhparent::regclass::text, ', ' ORDER BY i.inhseqno)
                         FROM pg_catalog.pg_inherits AS i WHERE i.inhrelid = r.oid),
         CASE WHEN r.relrowsecurity THEN 'ROW SECURITY' END,
         CASE WHEN r.relforcerowsecurity THEN 'FORCED' END,
         'WITH ' || r.reloptions::text) AS definition
FROM relation AS r WHERE r.relkind IN ('r', 'p', 'f', 'v', 'm')
UNION ALL
SELECT r.schema, 'column ' || r.relname || '.' || a.attname,
       concat_ws(' ', format_type(a.atttypid, a.atttypmod),
         'COLLATE ' || (SELECT c.oid::regcollation::text FROM pg_catalog.pg_collation AS c, pg_catalog.pg_type AS t
                        WHERE t.oid = a.atttypid AND c.oid = a.attcollation AND a.attcollation <> t.typcollation),
         CASE WHEN a.attnotnull THEN 'NOT NULL' || coalesce((
           SELECT concat(CASE WHEN NOT n.convalidated THEN ' NOT VALID' END, CASE WHEN n.connoinherit THEN ' NO INHERIT' END)
           FROM pg_catalog.pg_constraint AS n
           WHERE n.conrelid = r.oid AND n.contype = 'n' AND n.conkey = ARRAY[a.attnum]), '') END,
         CASE a.attidentity WHEN 'a' THEN 'IDENTITY ALWAYS' WHEN 'd' THEN 'IDENTITY BY DEFAULT' END,
         CASE a.attgenerated WHEN '' THEN 'DEFAULT ' ELSE 'GENERATED ' || a.attgenerated::text || ' ' END
           || pg_get_expr(d.adbin, d.adrelid))
FROM relation AS r JOIN pg_catalog.pg_attribute AS a ON a.attrelid = r.oid
LEFT JOIN pg_catalog.pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE r.relkind IN ('r', 'p', 'f', 'c') AND a.attnum > 0 AND NOT a.attisdropped
UNION ALL
-- What NOT NULL says of a column is said above; only since 18 it is a constraint as well.
SELECT r.schema, 'constraint ' || r.relname || '.' || c.conname, pg_get_constraintdef(c.oid)
FROM relation AS r JOIN pg_catalog.pg_constraint AS c ON c.conrelid = r.oid WHERE c.contype NOT IN ('n', 't')
UNION ALL
SELECT r.schema, 'index ' || c.relname,
       concat_ws(' ', pg_get_indexdef(i.indexrelid), CASE WHEN NOT i.indisvalid THEN 'INVALID' END,
         CASE WHEN i.indisreplident THEN 'REPLICA IDENTITY' END)
FROM relation AS r JOIN pg_catalog.pg_index AS i ON i.indrelid = r.oid
JOIN pg_catalog.pg_class AS c ON c.oid = i.indexrelid
UNION ALL
SELECT r.schema, 'sequence ' || r.relname,
       concat_ws(' ', format_type(s.seqtypid, NULL), 'START', s.seqstart, 'INCREMENT', s.seqincrement, 'MIN', s.seqmin,
         'MAX', s.seqmax, 'CACHE', s.seqcache, CASE WHEN s.seqcycle THEN 'CYCLE' END,
         'OWNED BY ' || (SELECT d.refobjid::regclass::text || '.' || a.attname FROM pg_catalog.pg_depend AS d
                         JOIN pg_catalog.pg_attribute AS a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
                         WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = r.oid
                           AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.deptype IN ('a', 'i')))
FROM relation AS r JOIN pg_catalog.pg_sequence AS s ON s.seqrelid = r.oid
UNION ALL
SELECT r.schema, 'trigger ' || r.relname || '.' || t.tgname, pg_get_triggerdef(t.oid) || ' ENABLED ' || t.tgenabled::text
FROM relation AS r JOIN pg_catalog.pg_trigger AS t ON t.tgrelid = r.oid WHERE NOT t.tgisinternal
UNION ALL
SELECT r.schema, 'rule ' || r.relname || '.' || w.rulename, pg_get_ruledef(w.oid) || ' ENABLED ' || w.ev_enabled::text
FROM relation AS r JOIN pg_catalog.pg_rewrite AS w ON w.ev_class = r.oid WHERE w.rulename <> '_RETURN'
UNION ALL
SELECT r.schema, 'policy ' || r.relname || '.' || p.polname,
       concat_ws(' ', CASE WHEN p.polpermissive THEN 'PERMISSIVE' ELSE 'RESTRICTIVE' END, p.polcmd,
         'TO ' || p.polroles::regrole[]::text, 'USING ' || pg_get_expr(p.polqual, p.polrelid),
         'CHECK ' || pg_get_expr(p.polwithcheck, p.polrelid))
FROM relation AS r JOIN pg_catalog.pg_policy AS p ON p.polrelid = r.oid
UNION ALL
SELECT r.schema, 'statistics ' || s.stxname, pg_get_statisticsobjdef(s.oid)
FROM relation AS r JOIN pg_catalog.pg_statistic_ext AS s ON s.stxrelid = r.oid
UNION ALL
SELECT n.schema, 'enum ' || t.typname, string_agg(quote_literal(e.enumlabel), ', ' ORDER BY e.enumsortorder)
FROM pg_catalog.pg_type AS t JOIN namespace AS n ON n.oid = t.typnamespace
JOIN pg_catalog.pg_enum AS e ON e.enumtypid = t.oid GROUP BY n.schema, t.oid, t.typname
UNION ALL
SELECT n.schema, 'domain ' || t.typname,
       concat_ws(' ', format_type(t.typbasetype, t.typtypmod), CASE WHEN t.typnotnull THEN 'NOT NULL' END,
         'DEFAULT ' || t.typdefault,
         (SELECT string_agg(c.conname || ' ' || pg_get_constraintdef(c.oid), ', ' ORDER BY c.conname)
          FROM pg_catalog.pg_constraint AS c WHERE c.contypid = t.oid AND c.contype <> 'n'))
FROM pg_catalog.pg_type AS t JOIN namespace AS n ON n.oid = t.typnamespace WHERE t.typtype = 'd'
UNION ALL
SELECT n.schema, 'range ' || t.typname, format_type(g.rngsubtype, NULL)
FROM pg_catalog.pg_type AS t JOIN namespace AS n ON n.oid = t.typnamespace
JOIN pg_catalog.pg_range AS g ON g.rngtypid = t.oid
UNION ALL
SELECT n.schema, 'function ' || p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')',
       CASE WHEN p.prokind = 'a' THEN 'AGGREGATE ' || format_type(p.prorettype, NULL) ELSE pg_get_functiondef(p.oid) END
FROM pg_catalog.pg_proc AS p JOIN namespace AS n ON n.oid = p.pronamespace
WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS d
                  WHERE d.classid = 'pg_catalog.pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')`;
