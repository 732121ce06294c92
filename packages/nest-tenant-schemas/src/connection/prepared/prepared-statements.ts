import { randomUUID } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import pg from 'pg';
import { POSTGRES_ERROR } from '../../core/postgres-error-codes.js';
import type { PreparedStatement } from './named-query.js';

/** Longer texts are rarely sent twice: values written out, lists of rows. */
const MAX_TEXT_LENGTH = 20_000;

/** What node-postgres believes to be prepared, by name; not in its types. */
interface ConnectionInternals {
  readonly parsedStatements?: Record<string, string>;
}

/**
 * Which statements of one connection the server keeps prepared: those that were sent before, the last used ones.
 * Decision: docs/decisions/0015-prepared-statements.md.
 */
export class PreparedStatements {
  private readonly seen: LRUCache<string, true>;
  private readonly kept: LRUCache<string, PreparedStatement>;
  private readonly dropped: string[] = [];

  /** @param limit most statements that are kept prepared */
  constructor(limit: number) {
    this.seen = new LRUCache({ max: limit });
    this.kept = new LRUCache({ max: limit, dispose: ({ name }) => this.dropped.push(name) });
  }

  /**
   * Returns the statement that is to be sent by its name, or undefined for one that is sent for the first time, or is very
   * long. The name is random: SQL that runs for another tenant on the connection cannot work it out, to put its own
   * text under it. It can read names in `pg_prepared_statements`, unless EXECUTE on that function is revoked.
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
   * Tells the server what it need not keep any more, in one write with what is sent next in the same tick, whose Sync ends it. Only
   * while nothing is under way.
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

  /** Begins anew with a statement, as with one that was never sent. */
  drop(schema: string, text: string): void {
    this.kept.delete(`${schema} ${text}`);
  }
}

const WRITE = /^\s*(?:insert|update|delete)\b/i;
const RETURNS_ALL = /\breturning\b[^]*\*/i;

/** Whether a statement writes, and returns columns that it names, if any: what a migration hardly ever changes. */
export function isWriteOfNamedColumns(text: string): boolean {
  return WRITE.test(text) && !RETURNS_ALL.test(text);
}

/** Returns whether the server does not keep the statement under its name, as behind a pooler that was not detected. */
export function isUnknownStatement(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.code === POSTGRES_ERROR.invalidStatementName;
}

/** Deadlocks, resources, locks, and interventions: what the server could not do at that moment, prepared or not. */
const MOMENTARY = /^(?:40|53|55|57)/;

/**
 * Returns whether a statement that the server refused before it began to run it may succeed without its preparation.
 * A connection that is lost, a role that is refused, and what the server could not do at that moment are no such refusals.
 */
export function mayBeOutdated(error: unknown): boolean {
  return error instanceof pg.DatabaseError && !MOMENTARY.test(error.code ?? '');
}

/** Not supported any more, not known any more, wrong number of parameters, unreadable, a type that is gone ("cache lookup failed"). */
const OUTDATED = /^(?:08|0A|26|42|XX)/;

/** Returns whether such a refusal is hardly the fault of the parameters' values, or of missing rights. */
export function isOutdated(error: unknown): boolean {
  if (!(error instanceof pg.DatabaseError)) return false;
  return OUTDATED.test(error.code ?? '') && error.code !== POSTGRES_ERROR.insufficientPrivilege;
}
