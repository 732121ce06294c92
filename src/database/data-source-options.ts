import type { Environment } from '../config/environment.interface.js';
import type { TenantDataSourceOptions } from '../tenancy/index.js';
import { entities } from './entities.js';

type DatabaseSettings = Pick<Environment, 'databasePoolSize' | 'logLevel'> &
  Partial<Pick<Environment, 'databaseConnectionUses' | 'tenantIsolation' | 'tenantRawSql'>>;

/** The DataSource of the application, the commands, the TypeORM CLI and the tests. */
export function dataSourceOptions(
  {
    databasePoolSize,
    logLevel,
    databaseConnectionUses,
    tenantIsolation,
    tenantRawSql,
  }: DatabaseSettings,
  url: string,
): TenantDataSourceOptions {
  return {
    url,
    entities,
    isolation: tenantIsolation,
    rawSql: tenantRawSql,
    poolSize: databasePoolSize,
    applicationName: 'nest-tenant-schemas',
    logging: logLevel === 'verbose',
    // A dead network must not hold a request for minutes.
    connectTimeoutMS: 10_000,
    // A start that failed behind the pool, or a command that is done, must not wait for idle connections.
    extra: {
      allowExitOnIdle: true,
      // Nothing, or 0, is no limit.
      maxUses: databaseConnectionUses,
    },
  };
}
