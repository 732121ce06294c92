import type { DataSource, QueryRunner } from 'typeorm';
import type { PostgresDriver } from 'typeorm/driver/postgres/PostgresDriver.js';
import { dataSourceOf } from '../../connection/typeorm/typeorm-versions.js';

/** Names the first version of PostgreSQL with `transaction_timeout`. */
const HAS_TRANSACTION_TIMEOUT = 17;

/**
 * Returns one statement for each time limit that a login may have. These limits are for requests, not for
 * work on schemas. `lock_timeout` is not included: a command respects its login's limit for lock waits.
 * https://www.postgresql.org/docs/current/runtime-config-client.html
 */
export function forEachTimeLimit(statement: (limit: string) => string): string {
  return `DO $$ BEGIN
    ${statement('statement_timeout')};
    ${statement('idle_in_transaction_session_timeout')};
    IF current_setting('server_version_num')::int >= ${HAS_TRANSACTION_TIMEOUT}0000 THEN
      ${statement('transaction_timeout')};
    END IF;
  END $$`;
}

/** Removes the limits for the rest of a transaction, in one statement for all server versions. */
export const NO_TIME_LIMIT = forEachTimeLimit((limit) => `SET LOCAL ${limit} TO 0`);

/** Removes the limits for a session. Do not use it behind a transaction pooler. */
export const NO_TIME_LIMIT_IN_SESSION = forEachTimeLimit((limit) => `SET ${limit} TO 0`);

/**
 * Returns statements that remove the limits for a transaction. They cost the server less than {@link
 * NO_TIME_LIMIT}.
 */
export function noTimeLimits({ driver }: DataSource): string[] {
  const { version = '' } = driver as PostgresDriver;
  const hasTransactionTimeout = Number.parseInt(version, 10) >= HAS_TRANSACTION_TIMEOUT;
  return [
    'SET LOCAL statement_timeout TO 0',
    'SET LOCAL idle_in_transaction_session_timeout TO 0',
    ...(hasTransactionTimeout ? ['SET LOCAL transaction_timeout TO 0'] : []),
  ];
}

/**
 * Removes the limits for a transaction that has just begun. The statements go with the next one, so they need
 * no round trip.
 */
export async function liftTimeLimits(queryRunner: QueryRunner): Promise<void> {
  for (const statement of noTimeLimits(dataSourceOf(queryRunner)))
    await queryRunner.query(statement);
}
