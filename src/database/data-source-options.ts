import type { Environment } from '../config/environment.interface.js';
import type { TenantDataSourceOptions } from 'nest-tenant-schemas';
import { entities } from './entities.js';
import { StatementLogger } from './statement-logger.js';

/**
 * Milliseconds until the pool closes an idle connection. A new connection has to prepare its statements again. With the default
 * of node-postgres, 10 s, this would happen after every short pause.
 */
export const IDLE_TIMEOUT_MS = 300_000;

/** Settings of the DataSource. Missing limits have the defaults of the engine. */
type Settings = Pick<Environment, 'databasePoolSize' | 'logLevel'> & Partial<Environment>;

/** Returns the options of the DataSource of the application, the commands, the TypeORM CLI and the tests. */
export function dataSourceOptions(settings: Settings, url: string): TenantDataSourceOptions {
  const { databasePoolSize, logLevel } = settings;
  return {
    ...addressesOf(url, settings.databaseReplicaUrls),
    entities,
    isolation: settings.tenantIsolation,
    rawSql: settings.tenantRawSql,
    poolSize: databasePoolSize,
    preparedStatements: settings.databasePreparedStatements,
    maxSchemasPerConnection: settings.databaseConnectionSchemas,
    maxConnectionsPerTenant: settings.tenantMaxConnections,
    maxWaitingPerTenant: settings.tenantMaxWaiting,
    maxWaiting: settings.databaseMaxWaiting,
    maxWaitMs: settings.databaseWaitTimeoutMs,
    statementTimeoutMs: settings.databaseStatementTimeoutMs,
    idleInTransactionTimeoutMs: settings.databaseIdleTransactionTimeoutMs,
    applicationName: 'nest-tenant-schemas',
    logger: new StatementLogger(logLevel === 'verbose'),
    // Without a limit a dead network would block a request for minutes.
    connectTimeoutMS: settings.databaseConnectTimeoutMs ?? 10_000,
    extra: {
      // The process must not wait for idle connections after a failed start, or at the end of a command.
      allowExitOnIdle: true,
      // Without it the next statement would detect a lost peer only after many minutes.
      keepAlive: true,
      idleTimeoutMillis: IDLE_TIMEOUT_MS,
    },
  };
}

/** Returns the option for the primary, and for its replicas if it has any. */
function addressesOf(
  url: string,
  replicaUrls: readonly string[] = [],
): Pick<TenantDataSourceOptions, 'url' | 'replication'> {
  if (replicaUrls.length === 0) return { url };
  return { replication: { master: { url }, slaves: replicaUrls.map((each) => ({ url: each })) } };
}

/**
 * Returns the settings for commands. A command shares its pool with no other tenant, its statements have no time limit, and it
 * reads from the primary.
 */
export function withoutLimits(environment: Environment): Environment {
  return {
    ...environment,
    databaseReplicaUrls: [],
    tenantMaxConnections: environment.databasePoolSize,
    databaseWaitTimeoutMs: 600_000,
    databaseStatementTimeoutMs: Infinity,
    databaseIdleTransactionTimeoutMs: Infinity,
  };
}
