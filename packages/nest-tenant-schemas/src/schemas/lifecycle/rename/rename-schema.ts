import type { QueryRunner } from 'typeorm';
import { TENANT_SCHEMA } from '../../../core/names/schema-placeholder.js';
import { joinStatements } from '../../../core/sql/statement-batch.js';
import { quoteIdentifier } from '../../../core/names/quote-identifier.js';
import { RenameRefusedError } from '../../../errors/schemas/rename-refused.error.js';
import {
  isInString,
  namesObjectOf,
  renameInFunction,
  renameInParsedFunction,
} from './rename-text.js';
import { hasValuesOnly } from './rename-values.js';
import { readDefinitions } from '../../catalog/schema-comparison.js';
import { identifyStatement, TYPEORM_METADATA } from '../../catalog/typeorm-metadata.js';

const NAMESPACE = '(SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = $1)';

const NOT_OF_EXTENSION = `NOT EXISTS (
  SELECT FROM pg_catalog.pg_depend AS d
  WHERE d.classid = 'pg_catalog.pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')`;

/**
 * Lists the names that may follow the schema's name and a dot. Names of tables with a column of the schema's
 * name are excluded.
 */
const OBJECT_NAMES = `
  (SELECT relname AS name FROM pg_catalog.pg_class WHERE relnamespace = ${NAMESPACE}
   UNION SELECT proname FROM pg_catalog.pg_proc WHERE pronamespace = ${NAMESPACE}
   UNION SELECT typname FROM pg_catalog.pg_type WHERE typnamespace = ${NAMESPACE})
  EXCEPT SELECT a.attname FROM pg_catalog.pg_attribute AS a JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid
  WHERE c.relnamespace = ${NAMESPACE} AND c.relname = $1`;

/**
 * Lists functions of the schema $1 whose text or settings contain the name $2. Types and columns follow a
 * schema.
 */
const OWN_FUNCTIONS = `
  SELECT p.oid::regprocedure::text AS name, pg_get_functiondef(p.oid) AS text, p.prosqlbody IS NOT NULL AS "isParsed"
  FROM pg_catalog.pg_proc AS p
  WHERE p.pronamespace = ${NAMESPACE} AND p.prokind <> 'a' AND ${NOT_OF_EXTENSION}
    AND pg_get_functiondef(p.oid) ILIKE '%' || replace($2, '_', '\\_') || '%'
  ORDER BY name`;

const OTHER_FUNCTIONS = `
  SELECT p.oid::regprocedure::text AS name, p.prosrc AS text,
         coalesce(array_to_string(p.proconfig, ' '), '') ~ ('[ =,"]' || $1::text || '($|[ ,"])') AS "isOnPath"
  FROM pg_catalog.pg_proc AS p JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
  WHERE n.nspname NOT IN ($1::text, 'pg_catalog', 'information_schema') AND ${NOT_OF_EXTENSION}
    AND (position($1::text IN lower(p.prosrc)) > 0 OR position($1::text IN array_to_string(p.proconfig, ' ')) > 0)
  ORDER BY name`;

interface FunctionText {
  readonly name: string;
  readonly text: string;
}

export interface RenameOptions {
  /** Whether to rename the schema even if objects keep its old name. Default false. */
  readonly force?: boolean;
}

/**
 * Renames the current tenant's schema and the texts that name it. It creates functions of the schema again
 * with the new name. All other references follow the schema. It is part of the runner's transaction.
 * Afterwards, the placeholder names no schema.
 *
 * @returns objects that keep the old name. Empty without `force`
 * @throws RenameRefusedError when an object would keep the old name, unless `force` is set
 */
export async function renameSchema(
  queryRunner: QueryRunner,
  from: string,
  to: string,
  { force = false }: RenameOptions = {},
): Promise<readonly string[]> {
  const runQuery = (text: string, ...values: string[]): Promise<unknown> =>
    queryRunner.query(text, values);
  const names = (await runQuery(OBJECT_NAMES, from)) as { name: string }[];
  const objects = new Set(names.map(({ name }) => name));
  const others = (await runQuery(OTHER_FUNCTIONS, from)) as (FunctionText & {
    isOnPath: boolean;
  })[];
  const kept = others
    .filter(({ text, isOnPath }) => isOnPath || namesObjectOf(text, from, objects))
    .map(({ name }) => `function ${name}`);

  await queryRunner.query(
    joinStatements([
      // Definitions are searched for names as they are written without quotes.
      'SET LOCAL quote_all_identifiers TO off',
      `ALTER SCHEMA ${quoteIdentifier(TENANT_SCHEMA)} RENAME TO ${quoteIdentifier(to)}`,
    ]),
  );
  const own = (await runQuery(OWN_FUNCTIONS, to, from)) as (FunctionText & { isParsed: boolean })[];
  for (const { name, text, isParsed } of own) {
    const renamed = isParsed
      ? renameInParsedFunction(text, from, to)
      : renameInFunction(text, from, to, objects);
    if (renamed === undefined) kept.push(`function ${name}`);
    else if (renamed !== text) await queryRunner.query(renamed);
  }
  const definitions = await readDefinitions(queryRunner, to);
  kept.push(
    ...definitions
      .filter(({ what, definition }) => !isText(what) && isInString(definition, from, to))
      .filter(({ what, definition }) => !hasValuesOnly(what, definition))
      .map(({ what }) => what),
  );
  if (kept.length > 0 && !force) throw new RenameRefusedError(from, kept);
  if (definitions.some(({ what }) => what === `table ${TYPEORM_METADATA}`)) {
    await queryRunner.query(identifyStatement(to));
    await renameInMetadata(queryRunner, from, to, objects);
  }
  return kept;
}

/**
 * Renames the schema in TypeORM's metadata. Texts that are ambiguous stay unchanged, because nothing runs
 * them.
 *
 * @param tableSchema the schema that has the table now. Default: `to`
 */
export async function renameInMetadata(
  queryRunner: QueryRunner,
  from: string,
  to: string,
  objects: ReadonlySet<string>,
  tableSchema = to,
): Promise<void> {
  const table = `${quoteIdentifier(tableSchema)}.${quoteIdentifier(TYPEORM_METADATA)}`;
  const change = `UPDATE ${table} SET "schema" = $1 WHERE "schema" = $2`;
  await queryRunner.query(change, [to, from]);
  const texts = (await queryRunner.query(
    `SELECT DISTINCT "value" FROM ${table} WHERE position($1 IN "value") > 0`,
    [from],
  )) as { value: string }[];
  for (const { value } of texts) {
    const renamed = renameInFunction(value, from, to, objects) ?? value;
    await queryRunner.query(`UPDATE ${table} SET "value" = $1 WHERE "value" = $2`, [
      renamed,
      value,
    ]);
  }
}

/**
 * Returns whether an object's strings may name the schema. Functions were checked earlier, and labels of an
 * enum name nothing.
 */
function isText(what: string): boolean {
  return /^(?:function|enum) /.test(what);
}
