/** Describes a parsed part of an object's definition, and how to create a twin of the object from it. */
export interface ParsedPart {
  /** The object, as in a schema's definitions. */
  readonly what: string;
  /** The part as the server writes it. The object's definition contains it. */
  readonly text: string;
  /** The statement that creates the twin: `head`, the text, `tail`. */
  readonly head: string;
  readonly tail: string;
  /** The query that reads the same part of the twin, as `text`. */
  readonly read: string;
}

const TWIN = 'tenant_schemas_twin';

const readExpression = (catalogue: string, condition: string): string =>
  `'SELECT pg_get_expr(${catalogue}) AS text FROM pg_catalog.${condition}'`;

/**
 * Lists the parts of all objects of the schema $1, as rows of {@link ParsedPart}. If a definition names its
 * object, the part begins after that name.
 */
export const PARSED_PARTS = `
WITH relation AS MATERIALIZED (
  SELECT c.oid, c.relname, c.relkind, format('%I.%I', n.nspname, c.relname) AS called,
         format('%I.${TWIN}', n.nspname) AS twin
  FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace WHERE n.nspname = $1
), type AS MATERIALIZED (
  SELECT t.*, format('%I.%I', n.nspname, t.typname) AS called
  FROM pg_catalog.pg_type AS t JOIN pg_catalog.pg_namespace AS n ON n.oid = t.typnamespace
  WHERE n.nspname = $1 AND t.typtype = 'd'
)
SELECT 'constraint ' || r.relname || '.' || c.conname AS what, pg_get_constraintdef(c.oid) AS text,
       format('ALTER TABLE %s ADD CONSTRAINT ${TWIN} ', r.called) AS head, '' AS tail,
       format('SELECT pg_get_constraintdef(oid) AS text FROM pg_catalog.pg_constraint
               WHERE conrelid = %s AND conname = ''${TWIN}''', r.oid) AS read
FROM relation AS r JOIN pg_catalog.pg_constraint AS c ON c.conrelid = r.oid WHERE c.contype IN ('c', 'x')
UNION ALL
SELECT 'domain ' || t.typname, pg_get_constraintdef(c.oid), format('ALTER DOMAIN %s ADD CONSTRAINT ${TWIN} ', t.called), '',
       format('SELECT pg_get_constraintdef(oid) AS text FROM pg_catalog.pg_constraint
               WHERE contypid = %s AND conname = ''${TWIN}''', t.oid)
FROM type AS t JOIN pg_catalog.pg_constraint AS c ON c.contypid = t.oid WHERE c.contype = 'c'
UNION ALL
SELECT 'domain ' || t.typname, t.typdefault, format('ALTER DOMAIN %s SET DEFAULT ', t.called), '',
       format('SELECT typdefault AS text FROM pg_catalog.pg_type WHERE oid = %s', t.oid)
FROM type AS t WHERE t.typdefault IS NOT NULL
UNION ALL
SELECT 'column ' || r.relname || '.' || a.attname, pg_get_expr(d.adbin, d.adrelid),
       format('CREATE TABLE %s (LIKE %s); ALTER TABLE %1$s ', r.twin, r.called) || CASE a.attgenerated
         WHEN '' THEN format('ALTER COLUMN %I SET DEFAULT ', a.attname)
         ELSE format('DROP COLUMN %1$I; ALTER TABLE %2$s ADD COLUMN %1$I %3$s GENERATED ALWAYS AS (', a.attname, r.twin,
           format_type(a.atttypid, a.atttypmod)) END,
       CASE a.attgenerated WHEN '' THEN '' WHEN 's' THEN ') STORED' ELSE ') VIRTUAL' END,
       format(${readExpression('adbin, adrelid', 'pg_attrdef WHERE adrelid = %L::regclass')}, r.twin)
FROM relation AS r JOIN pg_catalog.pg_attribute AS a ON a.attrelid = r.oid
JOIN pg_catalog.pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE r.relkind IN ('r', 'p', 'f') AND NOT a.attisdropped
UNION ALL
SELECT 'table ' || r.relname, pg_get_partkeydef(r.oid), format('CREATE TABLE %s (LIKE %s) PARTITION BY ', r.twin, r.called), '',
       format('SELECT pg_get_partkeydef(%L::regclass) AS text', r.twin)
FROM relation AS r JOIN pg_catalog.pg_partitioned_table AS p ON p.partrelid = r.oid WHERE p.partexprs IS NOT NULL
UNION ALL
SELECT CASE r.relkind WHEN 'v' THEN 'view ' ELSE 'materialized view ' END || r.relname, pg_get_viewdef(r.oid),
       format('CREATE VIEW %s AS ', r.twin), '', format('SELECT pg_get_viewdef(%L::regclass) AS text', r.twin)
FROM relation AS r WHERE r.relkind IN ('v', 'm')
UNION ALL
SELECT 'index ' || c.relname, substr(pg_get_indexdef(c.oid), length(verb || quote_ident(c.relname)) + 1), verb || '${TWIN}', '',
       format('SELECT substr(pg_get_indexdef(%L::regclass), %s) AS text', r.twin, length(verb || '${TWIN}') + 1)
FROM relation AS r JOIN pg_catalog.pg_index AS i ON i.indrelid = r.oid
JOIN pg_catalog.pg_class AS c ON c.oid = i.indexrelid,
LATERAL (SELECT CASE WHEN i.indisunique THEN 'CREATE UNIQUE INDEX ' ELSE 'CREATE INDEX ' END) AS v (verb)
WHERE i.indexprs IS NOT NULL OR i.indpred IS NOT NULL
UNION ALL
SELECT 'trigger ' || r.relname || '.' || t.tgname,
       substr(pg_get_triggerdef(t.oid), length(verb || quote_ident(t.tgname)) + 1), verb || '${TWIN}', '',
       format('SELECT substr(pg_get_triggerdef(oid), %s) AS text FROM pg_catalog.pg_trigger
               WHERE tgrelid = %s AND tgname = ''${TWIN}''', length(verb || '${TWIN}') + 1, r.oid)
FROM relation AS r JOIN pg_catalog.pg_trigger AS t ON t.tgrelid = r.oid,
LATERAL (SELECT CASE WHEN t.tgconstraint = 0 THEN 'CREATE TRIGGER ' ELSE 'CREATE CONSTRAINT TRIGGER ' END) AS v (verb)
WHERE NOT t.tgisinternal AND t.tgqual IS NOT NULL
UNION ALL
SELECT 'rule ' || r.relname || '.' || w.rulename,
       substr(pg_get_ruledef(w.oid), length('CREATE RULE ' || quote_ident(w.rulename)) + 1), 'CREATE RULE ${TWIN}', '',
       format('SELECT substr(pg_get_ruledef(oid), %s) AS text FROM pg_catalog.pg_rewrite
               WHERE ev_class = %s AND rulename = ''${TWIN}''', length('CREATE RULE ${TWIN}') + 1, r.oid)
FROM relation AS r JOIN pg_catalog.pg_rewrite AS w ON w.ev_class = r.oid WHERE w.rulename <> '_RETURN'
UNION ALL
SELECT 'policy ' || r.relname || '.' || p.polname, pg_get_expr(e.tree, p.polrelid),
       format('CREATE POLICY ${TWIN} ON %s USING (', r.called), ')',
       format(${readExpression('polqual, polrelid', "pg_policy WHERE polrelid = %s AND polname = ''" + TWIN + "''")}, r.oid)
FROM relation AS r JOIN pg_catalog.pg_policy AS p ON p.polrelid = r.oid,
LATERAL (VALUES (p.polqual), (p.polwithcheck)) AS e (tree) WHERE e.tree IS NOT NULL
UNION ALL
SELECT 'statistics ' || s.stxname,
       substr(pg_get_statisticsobjdef(s.oid), length(format('CREATE STATISTICS %I.%I', n.nspname, s.stxname)) + 1),
       format('CREATE STATISTICS %s', r.twin), '',
       format('SELECT substr(pg_get_statisticsobjdef(oid), %s) AS text FROM pg_catalog.pg_statistic_ext
               WHERE stxrelid = %s AND stxname = ''${TWIN}''', length(format('CREATE STATISTICS %s', r.twin)) + 1, r.oid)
FROM relation AS r JOIN pg_catalog.pg_statistic_ext AS s ON s.stxrelid = r.oid
JOIN pg_catalog.pg_namespace AS n ON n.oid = s.stxnamespace WHERE s.stxexprs IS NOT NULL
UNION ALL
-- CREATE OR REPLACE: the function is its own twin.
SELECT 'function ' || p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')', pg_get_functiondef(p.oid), '', '',
       format('SELECT pg_get_functiondef(%s) AS text', p.oid)
FROM pg_catalog.pg_proc AS p JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
WHERE n.nspname = $1 AND p.prokind <> 'a' AND (p.prosqlbody IS NOT NULL OR p.proargdefaults IS NOT NULL)`;
