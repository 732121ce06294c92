import type pg from 'pg';

/** How long the server lets a session go on. */
export interface SessionTimeouts {
  /**
   * Longest that a statement may run, in milliseconds, before the server ends it with SQLSTATE 57014.
   * Work on schemas is exempt. Default 0: what the login has. Infinity: no limit, whatever the login has.
   */
  readonly statementTimeoutMs?: number | undefined;
  /**
   * Longest that a transaction may wait for its next statement, in milliseconds, before the server ends
   * the connection. Default 0: what the login has. Infinity: no limit, whatever the login has.
   */
  readonly idleInTransactionTimeoutMs?: number | undefined;
}

/** The parameters, by the names that PostgreSQL and node-postgres have for them. */
export const SESSION_TIMEOUTS = [
  'statement_timeout',
  'idle_in_transaction_session_timeout',
] as const;

/** In milliseconds. The text `0` lifts the login's limit; node-postgres does not send the number. */
export type TimeoutParameters = Partial<Record<(typeof SESSION_TIMEOUTS)[number], number | '0'>>;

/** node-postgres sends them as the connection starts: no round trip, and no `RESET ALL` undoes them. */
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
 * Whether a pooler refused the connection because of the parameters: a pooler of transactions has no
 * session to set them for, and a SET instead would stay on a connection that others get.
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
