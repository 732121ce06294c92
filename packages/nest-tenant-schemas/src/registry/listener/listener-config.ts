import type pg from 'pg';
import type { DataSource } from 'typeorm';
import type { PostgresDriver } from 'typeorm/driver/postgres/PostgresDriver.js';

/** Lists the settings of a pool that form the address of its server. */
const ADDRESS = [
  'connectionString',
  'host',
  'port',
  'user',
  'password',
  'database',
  'ssl',
  'stream',
] as const;

/**
 * Returns the settings of the listener's connection.
 *
 * @param url default: the address of the DataSource's pool
 * @param timeoutMs limit of the connect and of each statement, in milliseconds
 */
export function listenerConfig(
  dataSource: DataSource,
  url: string | undefined,
  timeoutMs: number,
): pg.ClientConfig {
  return {
    ...(url === undefined ? addressOf(dataSource) : { connectionString: url }),
    keepAlive: true,
    connectionTimeoutMillis: timeoutMs,
    query_timeout: timeoutMs,
    application_name: 'nest-tenant-schemas listener',
  };
}

/** Reads each setting by its name, because the pool hides the password from enumeration. */
function addressOf({ driver }: DataSource): pg.ClientConfig {
  const { options } = (driver as PostgresDriver & { master: pg.Pool }).master;
  return Object.fromEntries(ADDRESS.map((name) => [name, options[name]]));
}
