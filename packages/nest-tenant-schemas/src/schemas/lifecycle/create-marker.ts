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
 * Begins the comment of the migrations table while its schema is created, in several transactions. An id of the attempt follows. The
 * schema has no row in the registry; if its maker is gone, it has to go.
 */
export const CREATE_MARKER = 'tenant-schemas create ';

/** The comment of the migrations table in a schema that one attempt creates. */
export const newCreateMarker = (): string => CREATE_MARKER + randomUUID();

export const isCreateMarker = (comment: string | null | undefined): comment is string =>
  comment?.startsWith(CREATE_MARKER) === true;

export const createMarkerStatement = (marker: string): string =>
  commentStatement({ sqlName: TENANT_SCHEMA }, marker);

/** SQLSTATE of {@link assertCreateMarkerStatement}. */
export const CREATE_MARKER_LOST = 'NTS02';

/** Fails if a schema is no longer the one that an attempt makes. */
export const assertCreateMarkerStatement = (schema: string, marker: string): string => `DO $$ BEGIN
  IF (${readCommentStatement(schema)}) IS DISTINCT FROM '${marker}' THEN
    RAISE EXCEPTION USING ERRCODE = '${CREATE_MARKER_LOST}', MESSAGE = 'Another attempt makes the schema';
  END IF; END $$`;

/** How often in a row the lock has to be free, and the pause between two looks. */
const CHECKS = 5;
const CHECK_PAUSE_MS = 100;

/**
 * Finds out whether the maker of a schema is gone. A maker holds the schema's lock, except for the moments between two of
 * its transactions. If one is paused for longer than all looks together, it loses the schema, and its next statement fails.
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
 * Waits until the maker of a schema has finished, or is gone. It holds no connection and no lock meanwhile.
 *
 * @returns whether the maker is gone
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

/** Looks whether the lock of a schema that is being made is free. `other`: it is no longer that schema. */
async function readLockState(
  dataSource: DataSource,
  schema: string,
  marker: string,
): Promise<'free' | 'busy' | 'other'> {
  // The lock ends with the statement.
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
