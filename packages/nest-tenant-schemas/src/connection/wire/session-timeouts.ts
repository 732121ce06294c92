import type pg from 'pg';

/** Limits the time of statements and of idle transactions. */
export interface SessionTimeouts {
  /**
   * Limits a statement, in milliseconds. The server then cancels it with SQLSTATE 57014. Work on schemas has
   * no limit. Default 0: the login's limit. Infinity: no limit, even if the login has one.
   */
  readonly statementTimeoutMs?: number | undefined;
  /**
   * Limits how long a transaction waits for its next statement, in milliseconds. The server then closes the
   * connection. Default 0: the login's limit. Infinity: no limit, even if the login has one.
   */
  readonly idleInTransactionTimeoutMs?: number | undefined;
}

/** Names the parameters as PostgreSQL and node-postgres do. */
export const SESSION_TIMEOUTS = [
  'statement_timeout',
  'idle_in_transaction_session_timeout',
] as const;

/**
 * Holds the limits, in milliseconds. The text `0` removes the login's limit; node-postgres does not send a
 * number 0.
 */
export type TimeoutParameters = Partial<Record<(typeof SESSION_TIMEOUTS)[number], number | '0'>>;

/**
 * Returns the timeouts as connection parameters. node-postgres sends them when a connection starts: without a
 * round trip, and `RESET ALL` does not remove them.
 */
export function timeoutParameters(timeouts: SessionTimeouts): TimeoutParameters {
  const { statementTimeoutMs, idleInTransactionTimeoutMs } = timeouts;
  return {
    ...(statementTimeoutMs && { statement_timeout: parameterOf(statementTimeoutMs) }),
    ...(idleInTransactionTimeoutMs && {
      idle_in_transaction_session_timeout: parameterOf(idleInTransactionTimeoutMs),
    }),
  };
}

const parameterOf = (milliseconds: number): number | '0' =>
  milliseconds === Infinity ? '0' : milliseconds;

/**
 * Returns whether a pooler rejected the connection because of its timeouts. A transaction pooler cannot set
 * parameters for a session. A SET would stay on a connection that other clients use.
 * https://www.pgbouncer.org/config.html#ignore_startup_parameters
 */
export function areTimeoutsRefused(error: Error): boolean {
  const { code } = error as pg.DatabaseError;
  return code === '08P01' && error.message.startsWith('unsupported startup parameter');
}

export function hasTimeouts(options: pg.PoolConfig): boolean {
  return SESSION_TIMEOUTS.some((name) => options[name] !== undefined);
}

export function dropTimeouts(options: pg.PoolConfig): void {
  for (const name of SESSION_TIMEOUTS) delete options[name];
}
