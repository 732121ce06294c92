import pg from 'pg';

/**
 * Lists the catalogues of objects in schemas, besides relations. Objects of an extension belong to the
 * extension.
 */
const CATALOGUES = [
  'pg_proc',
  'pg_type',
  'pg_operator',
  'pg_opclass',
  'pg_opfamily',
  'pg_collation',
  'pg_conversion',
  'pg_ts_config',
  'pg_ts_dict',
  'pg_ts_parser',
  'pg_ts_template',
  'pg_statistic_ext',
];

const regclass = (catalogue: string): string => `'pg_catalog.${catalogue}'::regclass`;
const NAMESPACE = regclass('pg_namespace');
const RELATION = regclass('pg_class');
const OTHERS = CATALOGUES.map(regclass).join(', ');

/**
 * Counts the catalogue rows that the transaction has created so far. The server may include rows of earlier
 * transactions of the session.
 * https://www.postgresql.org/docs/current/monitoring-stats.html#MONITORING-STATS-FUNCTIONS-TABLE
 */
const MADE = ['pg_class', 'pg_namespace', ...CATALOGUES]
  .map((name) => `pg_stat_get_xact_tuples_inserted(${regclass(name)})`)
  .join(' + ');

/** Counts the objects that the transaction has moved into or out of a schema. */
const MOVES = `pg_stat_get_xact_tuples_updated(${regclass('pg_depend')})`;

/** Lists objects `d` that left the schema during the transaction. */
const MOVED = `
    FROM unnest(string_to_array(noted[2], ',')) AS was (object)
    JOIN pg_catalog.pg_depend AS d
      ON d.classid = split_part(was.object, ' ', 1)::oid AND d.objid = split_part(was.object, ' ', 2)::oid
      AND d.refclassid = ${NAMESPACE} AND d.refobjid <> own`;

/**
 * Returns SQL that stores the oid of the next object. It stores 0 if the role may not create the object that
 * reveals it.
 */
const NEXT_OID = (variable: string): string => `
  BEGIN
    ${variable} := lo_create(0);
    PERFORM lo_unlink(${variable});
  EXCEPTION WHEN insufficient_privilege THEN ${variable} := 0;
  END;`;

/**
 * Returns SQL that stores, until the end of the transaction, the objects of a schema and the next oid. The
 * check at the end then reads new objects only, however many tenants exist.
 *
 * @param schema the real name, which needs no escapes
 */
export const noteObjects = (schema: string): string => `DO $nts$
DECLARE
  first oid;
  own text;
BEGIN ${NEXT_OID('first')}
  SELECT string_agg(d.classid || ' ' || d.objid, ',') INTO own
  FROM pg_catalog.pg_depend AS d
  WHERE d.refclassid = ${NAMESPACE} AND d.refobjid = '${schema}'::regnamespace;
  EXECUTE format('SET LOCAL tenant_schemas.objects TO %L', first || ';' || coalesce(own, ''));
END $nts$`;

/**
 * Returns SQL that fails if the transaction has created an object outside the schema, or moved one out. The
 * error names these objects. It reads the server's counters first: most migrations create no object, and the
 * server then does not parse the rest.
 *
 * @param extensionSchemas schemas that a migration may create
 * @param before PL/pgSQL that runs first
 */
export const assertNothingOutside = (
  schema: string,
  extensionSchemas: readonly string[],
  before: string,
): string => `DO $nts$ BEGIN
  ${before}
  IF current_setting('track_counts')::boolean AND ${MADE} + ${MOVES} = 0 THEN RETURN; END IF;
  EXECUTE $check$${findOutside(schema, extensionSchemas)}$check$;
END $nts$`;

/** Returns SQL that finds the objects. Oids restart after 2^32, and then it reads all objects. */
const findOutside = (schema: string, extensionSchemas: readonly string[]): string => `DO $find$
DECLARE
  noted text[];
  first oid;
  last oid;
  own oid;
  top xid8;
  outside text;
BEGIN
  noted := string_to_array(current_setting('tenant_schemas.objects'), ';');
  first := noted[1];
  own := (SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = '${schema}'); ${NEXT_OID('last')}
  IF last < first THEN first := 0; END IF;
  -- Mostly there is nothing outside: what follows takes the server longer to plan than to run.
  IF NOT EXISTS (SELECT FROM pg_catalog.pg_class AS c
                 WHERE c.oid > first AND c.relnamespace <> own AND c.relkind <> 't' AND c.relpersistence <> 't')
    AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS d
                    WHERE d.classid IN (${OTHERS}) AND d.objid > first
                      AND d.refclassid = ${NAMESPACE} AND d.refobjid <> own)
    AND NOT EXISTS (SELECT FROM pg_catalog.pg_namespace AS n WHERE n.oid > first AND n.oid <> own)
    AND NOT EXISTS (SELECT ${MOVED})
  THEN RETURN; END IF;
  top := pg_current_xact_id();
  SELECT string_agg(what, ', ' ORDER BY what) INTO outside FROM (
    SELECT DISTINCT pg_describe_object(o.classid, o.objid, 0) AS what FROM (
      SELECT d.classid, d.objid, d.xmin AS made
      FROM pg_catalog.pg_depend AS d
      WHERE d.classid IN (${OTHERS}) AND d.objid > first
        AND d.refclassid = ${NAMESPACE} AND d.refobjid NOT IN (own, pg_my_temp_schema())
      UNION ALL
      SELECT ${RELATION}, c.oid, c.xmin
      FROM pg_catalog.pg_class AS c
      WHERE c.oid > first AND c.relnamespace <> own AND c.relpersistence <> 't' AND CASE
        -- A TOAST table is a part of its table, and a composite type is found as a type.
        WHEN c.relkind IN ('t', 'c') THEN false
        -- Of an index that its table or a constraint brings, or a sequence of a column, the table says it all.
        WHEN c.relkind IN ('i', 'I') THEN EXISTS (
          SELECT FROM pg_catalog.pg_index AS i JOIN pg_catalog.pg_class AS t ON t.oid = i.indrelid
          WHERE i.indexrelid = c.oid AND t.relkind <> 't' AND t.oid <= first)
          AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint AS k WHERE k.conindid = c.oid)
        WHEN c.relkind = 'S' THEN NOT EXISTS (
          SELECT FROM pg_catalog.pg_depend AS d
          WHERE d.classid = ${RELATION} AND d.objid = c.oid AND d.refclassid = ${RELATION} AND d.deptype IN ('a', 'i'))
        ELSE true END
      UNION ALL
      SELECT ${NAMESPACE}, n.oid, n.xmin
      FROM pg_catalog.pg_namespace AS n
      WHERE n.oid > first AND n.oid <> own AND n.nspname !~ '^pg_'
        AND n.nspname <> ALL (ARRAY[${extensionSchemas.map((name) => pg.escapeLiteral(name)).join(', ')}]::text[])
        AND NOT EXISTS (SELECT FROM pg_catalog.pg_extension AS e WHERE e.extnamespace = n.oid)
    ) AS o
    -- Another transaction's object is there as well if that one has committed meanwhile.
    WHERE age(o.made) <= age(top::xid)
      AND pg_xact_status((top::text::numeric + age(top::xid) - age(o.made))::text::xid8) = 'in progress'
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS d
                      WHERE d.classid = o.classid AND d.objid = o.objid AND d.deptype = 'e')
    UNION
    SELECT pg_describe_object(d.classid, d.objid, 0) ${MOVED}
  ) AS found;
  IF outside IS NOT NULL THEN
    RAISE EXCEPTION USING MESSAGE = 'It leaves objects outside the tenant''s schema: ' || outside
      || '. Make them in the tenant''s schema, without a schema name or with the placeholder, in a shared migration, '
      || 'or list existing migrations that name public by singleTenantMigrations()';
  END IF;
END $find$`;
