import type { QueryRunner } from 'typeorm';
import { joinStatements } from '../../core/sql/statement-batch.js';

/** Matches blanks and comments between two words. */
const GAP = String.raw`(?:\s|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)+`;

const CREATES_EXTENSION = new RegExp(String.raw`\bCREATE${GAP}EXTENSION\b`, 'i');

/** Returns whether a statement creates an extension, also in a DO block. */
export const createsExtension = (text: string): boolean => CREATES_EXTENSION.test(text);

/**
 * Lets one transaction at a time create extensions. A database has each extension once, and `IF NOT EXISTS`
 * does not see one that another transaction is creating.
 */
export const LOCK_EXTENSIONS =
  "SELECT pg_advisory_xact_lock(hashtextextended('tenant-schemas extensions', 0))";

/**
 * Locks extensions for each statement of the runner that creates one. The lock goes in the same message, and ends with the
 * transaction of the statement.
 */
export function lockExtensions(queryRunner: QueryRunner): void {
  const query = queryRunner.query.bind(queryRunner);
  queryRunner.query = async (text: string, parameters?: unknown[], isStructured?: boolean) => {
    if (!createsExtension(text) || parameters?.length)
      return query(text, parameters, isStructured as true) as never;
    // The results of several statements; CREATE EXTENSION and DO return no rows.
    const result: unknown = await query(
      joinStatements([LOCK_EXTENSIONS, text]),
      undefined,
      isStructured as true,
    );
    return (result ?? []) as never;
  };
}
