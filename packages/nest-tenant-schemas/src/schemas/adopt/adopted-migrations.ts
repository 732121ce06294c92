import type { DataSource, QueryRunner } from 'typeorm';
import { commentStatement, migrationsTableOf } from '../catalog/migrations-table-comment.js';
import { SHARED_TARGET } from '../catalog/schema-target.js';
import { readTypeormMigrations } from './typeorm-migrations.js';

/**
 * Begins the comment of the shared migrations table after an adoption. The names that TypeORM's table in `public` had then
 * follow, one a line. TypeORM's command line would record further migrations there.
 */
const MARKER = 'tenant-schemas adopted';

const TABLE = migrationsTableOf(SHARED_TARGET);

/** Remembers the names that TypeORM's table has now, if there is a shared migrations table. */
export async function rememberTypeormMigrations(
  queryRunner: QueryRunner,
  dataSource: DataSource,
): Promise<void> {
  const [{ exists }] = (await queryRunner.query('SELECT to_regclass($1) IS NOT NULL AS exists', [
    TABLE,
  ])) as [{ exists: boolean }];
  if (!exists) return;
  const names = (await readTypeormMigrations(queryRunner, dataSource)) ?? [];
  await queryRunner.query(commentStatement(SHARED_TARGET, [MARKER, ...names].join('\n')));
}

/** Returns the names that TypeORM's table had at the last adoption. Undefined if there was none. */
export async function readAdoptedMigrations(
  queryRunner: QueryRunner,
): Promise<readonly string[] | undefined> {
  const [{ comment }] = (await queryRunner.query(
    "SELECT obj_description(to_regclass($1), 'pg_class') AS comment",
    [TABLE],
  )) as [{ comment: string | null }];
  const [marker, ...names] = comment?.split('\n') ?? [];
  return marker === MARKER ? names : undefined;
}
