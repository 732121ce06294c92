import type { QueryRunner } from 'typeorm';
import { withCatalogueSettings } from '../../catalog/catalogue-settings.js';
import { storeFunctions } from './adopted-functions.js';
import type { RewrittenFunction } from './function-texts.js';

const READ = `SELECT p.oid::text AS oid, pg_get_functiondef(p.oid) AS definition
  FROM pg_catalog.pg_proc AS p WHERE p.oid = ANY ($1::oid[])`;

/** Creates functions again with their new texts, and stores the former ones. */
export async function changeFunctions(
  queryRunner: QueryRunner,
  schema: string,
  functions: readonly RewrittenFunction[],
): Promise<void> {
  if (functions.length === 0) return;
  for (const { after } of functions) await queryRunner.query(after);
  const rows = (await withCatalogueSettings(queryRunner, () =>
    queryRunner.query(READ, [functions.map(({ oid }) => oid)]),
  )) as { oid: string; definition: string }[];
  const written = new Map(rows.map(({ oid, definition }) => [oid, definition]));
  await storeFunctions(
    queryRunner,
    schema,
    functions.map(({ oid, before, after }) => ({ before, after: written.get(oid) ?? after })),
  );
}
