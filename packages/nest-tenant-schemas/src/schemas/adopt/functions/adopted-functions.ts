import type { QueryRunner } from 'typeorm';
import { quoteIdentifier } from '../../../core/names/quote-identifier.js';
import { SHARED_SCHEMA } from '../../catalog/schema-target.js';
import type { RewrittenFunction } from './function-texts.js';

/** Names the table in `public` that holds the former texts of functions, until the adoption is undone. */
export const ADOPTED_FUNCTIONS_TABLE = 'tenant_schemas_adopted_functions';

const TABLE = `${SHARED_SCHEMA}.${quoteIdentifier(ADOPTED_FUNCTIONS_TABLE)}`;

const CREATE_TABLE = `CREATE TABLE IF NOT EXISTS ${TABLE} (
  schema text NOT NULL, former text NOT NULL, adopted text NOT NULL)`;

/** Stores the former texts of functions of a schema. */
export async function storeFunctions(
  queryRunner: QueryRunner,
  schema: string,
  functions: readonly Pick<RewrittenFunction, 'before' | 'after'>[],
): Promise<void> {
  if (functions.length === 0) return;
  await queryRunner.query(CREATE_TABLE);
  await queryRunner.query(`DELETE FROM ${TABLE} WHERE schema = $1`, [schema]);
  for (const { before, after } of functions) {
    await queryRunner.query(`INSERT INTO ${TABLE} (schema, former, adopted) VALUES ($1, $2, $3)`, [
      schema,
      before,
      after,
    ]);
  }
}

/** Reads the former texts of functions of a schema, by their present texts. */
export async function readStoredFunctions(
  queryRunner: QueryRunner,
  schema: string,
): Promise<ReadonlyMap<string, string>> {
  if (!(await hasTable(queryRunner))) return new Map();
  const rows = (await queryRunner.query(`SELECT former, adopted FROM ${TABLE} WHERE schema = $1`, [
    schema,
  ])) as { former: string; adopted: string }[];
  return new Map(rows.map(({ former, adopted }) => [adopted, former]));
}

/** Removes the texts of a schema, and the table if it is then empty. */
export async function forgetFunctions(queryRunner: QueryRunner, schema: string): Promise<void> {
  if (!(await hasTable(queryRunner))) return;
  await queryRunner.query(`DELETE FROM ${TABLE} WHERE schema = $1`, [schema]);
  const left = (await queryRunner.query(`SELECT FROM ${TABLE} LIMIT 1`)) as unknown[];
  if (left.length === 0) await queryRunner.query(`DROP TABLE ${TABLE}`);
}

async function hasTable(queryRunner: QueryRunner): Promise<boolean> {
  const [{ exists }] = (await queryRunner.query(
    `SELECT to_regclass('${TABLE}') IS NOT NULL AS exists`,
  )) as [{ exists: boolean }];
  return exists;
}
