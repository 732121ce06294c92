import type { Environment } from '../config/environment.interface.js';
import type { TenantDataSourceOptions } from 'nest-tenant-schemas';
import { entities } from './entities.js';
import { StatementLogger } from './statement-logger.js';

/**
 * Milliseconds after which an idle connection is closed. Another one would have to learn the schemas, and the statements, that
 * it knows: node-postgres' own 10 s would have that done after every quiet moment.
 */
export const IDLE_TIMEOUT_MS = 300_000;

/** What it takes of the settings; limits that are left out are the engine's defaults. */
type Settings = Pick<Environment, 'databasePoolSize' | 'logLevel'> & Partial<Environment>;

/** The DataSource of the application, the commands, the TypeORM CLI and the tests. */
export function dataSourceOptions(settings: Settings, url: string): TenantDataSourceOptions {
  const { databasePoolSize, logLevel } = settings;
  return {
    url,
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
    // A dead network must not hold a request for minutes.
    connectTimeoutMS: settings.databaseConnectTimeoutMs ?? 10_000,
    extra: {
      // A start that failed behind the pool, or a command that is done, must not wait for idle connections.
      allowExitOnIdle: true,
      // Else a peer that vanished is found by the next statement, after many minutes.
      keepAlive: true,
      idleTimeoutMillis: IDLE_TIMEOUT_MS,
    },
  };
}

/** The settings for commands: they have no neighbour to spare, and take as long as they take. */
export function withoutLimits(environment: Environment): Environment {
  return {
    ...environment,
    tenantMaxConnections: environment.databasePoolSize,
    databaseWaitTimeoutMs: 600_000,
    databaseStatementTimeoutMs: Infinity,
    databaseIdleTransactionTimeoutMs: Infinity,
  };
}
