import type pg from 'pg';
import type { DataSource } from 'typeorm';
import { serverAddressOf } from '../../connection/pool/server-address.js';

/**
 * Returns the settings of the listener's connection.
 *
 * @param url default, also for an empty text: the address of the DataSource's pool
 * @param timeoutMs limit of the connect and of each statement, in milliseconds
 */
export function listenerConfig(
  dataSource: DataSource,
  url: string | undefined,
  timeoutMs: number,
): pg.ClientConfig {
  return {
    ...(url ? { connectionString: url } : serverAddressOf(dataSource)),
    keepAlive: true,
    connectionTimeoutMillis: timeoutMs,
    query_timeout: timeoutMs,
    application_name: 'nest-tenant-schemas listener',
  };
}
