import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DataSource } from 'typeorm';
import { TENANT_SCHEMA } from '../../core/names/marker.js';
import {
  commentStatement,
  ledgerComment,
  readCommentStatement,
} from '../catalog/ledger-comment.js';
import { lockKey, SHARED_TARGET } from '../catalog/schema-target.js';

/**
 * Begins the comment of the ledger while its schema is created, in several transactions. An id of the attempt follows. The
 * schema has no row in the registry; if its maker is gone, it has to go.
 */
export const CREATE_MARK = 'tenant-schemas create ';

/** The comment of the ledger in a schema that one attempt creates. */
export const newCreateMark = (): string => CREATE_MARK + randomUUID();

export const isCreateMark = (comment: string | null | undefined): comment is string =>
  comment?.startsWith(CREATE_MARK) === true;

export const createMarkStatement = (mark: string): string =>
  commentStatement({ sqlName: TENANT_SCHEMA }, mark);

/** SQLSTATE of {@link assertMarkStatement}. */
export const MARK_LOST = 'NTS02';

/** Fails if a schema is no longer the one that an attempt makes. */
export const assertMarkStatement = (schema: string, mark: string): string => `DO $$ BEGIN
  IF (${readCommentStatement(schema)}) IS DISTINCT FROM '${mark}' THEN
    RAISE EXCEPTION USING ERRCODE = '${MARK_LOST}', MESSAGE = 'Another attempt makes the schema';
  END IF; END $$`;

/** How often in a row the lock has to be free, and the pause between two looks. */
const LOOKS = 5;
const LOOK_PAUSE_MS = 100;

/**
 * Finds out whether the maker of a schema is gone. A maker holds the schema's lock, except for the moments between two of
 * its transactions. If one is paused for longer than all looks together, it loses the schema, and its next statement fails.
 */
export async function isAbandoned(
  dataSource: DataSource,
  schema: string,
  mark: string,
): Promise<boolean> {
  for (let look = 0; look < LOOKS; look++) {
    if (look > 0) await sleep(LOOK_PAUSE_MS);
    if ((await lookAt(dataSource, schema, mark)) !== 'free') return false;
  }
  return true;
}

/**
 * Waits until the maker of a schema has finished, or is gone. It holds no connection and no lock meanwhile.
 *
 * @returns whether the maker is gone
 */
export async function waitForMaker(
  dataSource: DataSource,
  schema: string,
  mark: string,
): Promise<boolean> {
  while (!(await isAbandoned(dataSource, schema, mark))) {
    if ((await lookAt(dataSource, schema, mark)) === 'other') return false;
    await sleep(LOOK_PAUSE_MS);
  }
  return true;
}

/** Looks whether the lock of a schema that is being made is free. `other`: it is no longer that schema. */
async function lookAt(
  dataSource: DataSource,
  schema: string,
  mark: string,
): Promise<'free' | 'busy' | 'other'> {
  // The lock ends with the statement.
  const [state] = (await SHARED_TARGET.enter(() =>
    dataSource.query(
      `SELECT CASE WHEN ${ledgerComment('n.oid')} = $2
              THEN pg_try_advisory_xact_lock(hashtextextended($3, 0)) END AS "isFree"
       FROM pg_catalog.pg_namespace AS n WHERE n.nspname = $1`,
      [schema, mark, lockKey({ schema })],
    ),
  )) as { isFree: boolean | null }[];
  if (state?.isFree === undefined || state.isFree === null) return 'other';
  return state.isFree ? 'free' : 'busy';
}
