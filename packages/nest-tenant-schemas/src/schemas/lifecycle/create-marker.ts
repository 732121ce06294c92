import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DataSource } from 'typeorm';
import { TENANT_SCHEMA } from '../../core/names/schema-placeholder.js';
import {
  commentStatement,
  migrationsTableComment,
  readCommentStatement,
} from '../catalog/migrations-table-comment.js';
import { lockKey, SHARED_TARGET } from '../catalog/schema-target.js';

/**
 * Begins the comment of the migrations table while its schema is being created, in several transactions. The
 * id of the attempt follows. Such a schema has no row in the registry, and must be dropped if its builder has
 * ended.
 */
export const CREATE_MARKER = 'tenant-schemas create ';

/** Returns a new comment for the migrations table of a schema that one attempt creates. */
export const newCreateMarker = (): string => CREATE_MARKER + randomUUID();

export const isCreateMarker = (comment: string | null | undefined): comment is string =>
  comment?.startsWith(CREATE_MARKER) === true;

export const createMarkerStatement = (marker: string): string =>
  commentStatement({ sqlName: TENANT_SCHEMA }, marker);

/** Names the SQLSTATE of {@link assertCreateMarkerStatement}. */
export const CREATE_MARKER_LOST = 'NTS02';

/** Returns SQL that fails if another attempt has replaced the schema. */
export const assertCreateMarkerStatement = (schema: string, marker: string): string => `DO $$ BEGIN
  IF (${readCommentStatement(schema)}) IS DISTINCT FROM '${marker}' THEN
    RAISE EXCEPTION USING ERRCODE = '${CREATE_MARKER_LOST}', MESSAGE = 'Another attempt makes the schema';
  END IF; END $$`;

/** Sets how often in a row the lock must be free, and the pause between two checks. */
const CHECKS = 5;
const CHECK_PAUSE_MS = 100;

/**
 * Finds out whether the builder of a schema has ended. A builder holds the schema's lock, except between two
 * of its transactions. A builder that pauses for longer than all checks loses the schema, and its next
 * statement fails.
 */
export async function hasBuilderEnded(
  dataSource: DataSource,
  schema: string,
  marker: string,
): Promise<boolean> {
  for (let check = 0; check < CHECKS; check++) {
    if (check > 0) await sleep(CHECK_PAUSE_MS);
    if ((await readLockState(dataSource, schema, marker)) !== 'free') return false;
  }
  return true;
}

/**
 * Waits until the builder of a schema has finished or ended. Meanwhile it holds no connection and no lock.
 *
 * @returns whether the builder ended without finishing
 */
export async function waitForBuilder(
  dataSource: DataSource,
  schema: string,
  marker: string,
): Promise<boolean> {
  while (!(await hasBuilderEnded(dataSource, schema, marker))) {
    if ((await readLockState(dataSource, schema, marker)) === 'other') return false;
    await sleep(CHECK_PAUSE_MS);
  }
  return true;
}

/**
 * Checks whether the lock of a schema that is being created is free. `other`: the schema is no longer that
 * one.
 */
async function readLockState(
  dataSource: DataSource,
  schema: string,
  marker: string,
): Promise<'free' | 'busy' | 'other'> {
  // The server releases the lock at the end of the statement.
  const [state] = (await SHARED_TARGET.enter(() =>
    dataSource.query(
      `SELECT CASE WHEN ${migrationsTableComment('n.oid')} = $2
              THEN pg_try_advisory_xact_lock(hashtextextended($3, 0)) END AS "isFree"
       FROM pg_catalog.pg_namespace AS n WHERE n.nspname = $1`,
      [schema, marker, lockKey({ schema })],
    ),
  )) as { isFree: boolean | null }[];
  if (state?.isFree === undefined || state.isFree === null) return 'other';
  return state.isFree ? 'free' : 'busy';
}
