import pg from 'pg';
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
  'sslnegotiation',
  'enableChannelBinding',
  'options',
  'stream',
] as const;

/**
 * Returns the settings of another connection to the server of a DataSource, or of its primary if it has replicas. They include
 * those of TypeORM's option `extra`.
 */
export function serverAddressOf({ driver }: DataSource): pg.ClientConfig {
  const { options } = (driver as PostgresDriver & { master: pg.Pool }).master;
  // Reads each setting by its name, because the pool hides the password from enumeration.
  const settings = options as unknown as Record<string, unknown>;
  return Object.fromEntries(ADDRESS.map((name) => [name, settings[name]]));
}

/** Lists the parts of an address that a connection string may set, besides the database. */
const IN_STRING = ['host', 'port', 'user', 'password', 'ssl', 'sslnegotiation', 'options'] as const;

/** Returns the settings of a connection to another database of the same server. */
export function inDatabase(config: pg.ClientConfig, database: string): pg.ClientConfig {
  // The database in a connection string would precede the setting, so node-postgres parses the string.
  const { connectionString: _, ...settings } = config;
  const { connectionParameters: parsed } = new pg.Client(config) as unknown as {
    readonly connectionParameters: Readonly<Record<string, unknown>>;
  };
  const parts = Object.fromEntries(IN_STRING.map((name) => [name, parsed[name]]));
  return { ...settings, ...parts, database };
}
