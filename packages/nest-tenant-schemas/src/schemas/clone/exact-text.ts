import pg from 'pg';
import type { QueryRunner } from 'typeorm';
import { joinStatements } from '../../core/sql/statement-batch.js';

/**
 * Fixes the settings with which a text converts back to exactly the same value, like `pg_dump` does. The
 * order of a date's parts and the time zone stay, because constraints may read them. ISO style includes the
 * offset.
 * https://www.postgresql.org/docs/current/runtime-config-client.html
 */
const EXACT_TEXT: Readonly<Record<string, string>> = {
  extra_float_digits: '3',
  DateStyle: 'ISO',
  IntervalStyle: 'postgres',
  bytea_output: 'hex',
  xmloption: 'content',
  array_nulls: 'on',
  lc_monetary: 'C',
};

const setLocal = ([name, value]: [string, string]): string =>
  `SET LOCAL ${name} TO ${pg.escapeLiteral(value)}`;

/** Runs work of a transaction in which texts stand for exact values, and then restores the settings. */
export async function withExactText(
  queryRunner: QueryRunner,
  work: () => Promise<void>,
): Promise<void> {
  const names = Object.keys(EXACT_TEXT);
  const [before] = (await queryRunner.query(
    `SELECT ${names.map((name) => `current_setting('${name}') AS "${name}"`).join(', ')}`,
  )) as [Record<string, string>];
  await queryRunner.query(joinStatements(Object.entries(EXACT_TEXT).map(setLocal)));
  await work();
  await queryRunner.query(joinStatements(Object.entries(before).map(setLocal)));
}
