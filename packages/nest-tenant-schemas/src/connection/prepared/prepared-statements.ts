import { randomUUID } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import pg from 'pg';
import { POSTGRES_ERROR } from '../../core/postgres-error-codes.js';
import type { PreparedStatement } from './named-query.js';

/**
 * Limits the length of prepared texts, in characters. Longer texts rarely repeat: they contain values or
 * lists of rows.
 */
const MAX_TEXT_LENGTH = 20_000;

/** Holds the texts that node-postgres assumes to be prepared, by name. It is not in its types. */
interface ConnectionInternals {
  readonly parsedStatements?: Record<string, string>;
}

/**
 * Tracks the statements that the server keeps prepared for one connection. These are repeated statements; the
 * least recently used ones are closed. Decision: docs/decisions/0015-prepared-statements.md.
 */
export class PreparedStatements {
  private readonly seen: LRUCache<string, true>;
  private readonly kept: LRUCache<string, PreparedStatement>;
  private readonly dropped: string[] = [];

  /** @param limit most statements that stay prepared */
  constructor(limit: number) {
    this.seen = new LRUCache({ max: limit });
    this.kept = new LRUCache({ max: limit, dispose: ({ name }) => this.dropped.push(name) });
  }

  /**
   * Returns the prepared form of a statement, or undefined for a first use and for a very long text.
   *
   * The name is random. SQL that runs for another tenant on the connection cannot guess it and replace its
   * text. It can read names in `pg_prepared_statements`, unless EXECUTE on that function is revoked.
   */
  find(schema: string, text: string): PreparedStatement | undefined {
    if (text.length > MAX_TEXT_LENGTH) return undefined;
    const key = `${schema} ${text}`;
    const known = this.kept.get(key);
    if (known !== undefined) return known;
    if (!this.seen.delete(key)) {
      this.seen.set(key, true);
      return undefined;
    }
    const statement = { name: `nts_${randomUUID()}` };
    this.kept.set(key, statement);
    return statement;
  }

  /**
   * Closes dropped statements on the server. They go in one write with the next statement of the same tick,
   * whose Sync completes them. Call it only while no statement is running.
   */
  closeDropped(connection: pg.Connection): void {
    if (this.dropped.length === 0) return;
    const { stream } = connection;
    stream.cork();
    process.nextTick(() => stream.uncork());
    for (const name of this.dropped.splice(0)) {
      connection.close({ type: 'S', name }, true);
      delete (connection as ConnectionInternals).parsedStatements?.[name];
    }
  }

  /** Removes a statement, so that its next use counts as the first. */
  drop(schema: string, text: string): void {
    this.kept.delete(`${schema} ${text}`);
  }
}

const WRITE = /^\s*(?:insert|update|delete)\b/i;
const RETURNS_ALL = /\breturning\b[^]*\*/i;

/**
 * Returns whether a statement writes, and names all columns that it returns. Migrations rarely affect such a
 * statement.
 */
export function isWriteOfNamedColumns(text: string): boolean {
  return WRITE.test(text) && !RETURNS_ALL.test(text);
}

/** Returns whether the server does not have the prepared statement, for example behind an undetected pooler. */
export function isUnknownStatement(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.code === POSTGRES_ERROR.invalidStatementName;
}

/**
 * Matches temporary failures: deadlocks, resources, locks and interventions. They do not depend on the
 * preparation.
 */
const MOMENTARY = /^(?:40|53|55|57)/;

/**
 * Returns whether a statement may succeed without its preparation, if the server rejected it before it
 * started. False for a lost connection, a refused role and a temporary failure.
 */
export function mayBeOutdated(error: unknown): boolean {
  return error instanceof pg.DatabaseError && !MOMENTARY.test(error.code ?? '');
}

/**
 * Matches errors of changed tables and types. They are unsupported, unknown or unreadable, have another
 * number of parameters, or name a dropped type ("cache lookup failed").
 */
const OUTDATED = /^(?:08|0A|26|42|XX)/;

/**
 * Returns whether a rejection points to changed tables, rather than to parameter values or missing
 * privileges.
 */
export function isOutdated(error: unknown): boolean {
  if (!(error instanceof pg.DatabaseError)) return false;
  return OUTDATED.test(error.code ?? '') && error.code !== POSTGRES_ERROR.insufficientPrivilege;
}
