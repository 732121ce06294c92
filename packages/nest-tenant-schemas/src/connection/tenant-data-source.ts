import pg from 'pg';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { TENANT_SCHEMA } from '../core/names/schema-placeholder.js';
import { TenancyOptionsError } from '../errors/tenancy-options.error.js';
import type { ConnectionLimits } from './pool/connection-limits.js';
import { plainDataSourceOf } from './typeorm/bound-scope.js';
import { guardQueryRunners } from './typeorm/guarded-query-runner.js';
import { guardOperations } from './typeorm/entities/guarded-operations.js';
import { guardRelationLoader } from './typeorm/lazy-relations.js';
import { type IsolationOptions, readIsolationOptions } from './wire/isolation-options.js';
import { type SessionTimeouts, timeoutParameters } from './wire/session-timeouts.js';
import { isTenantQueryCache } from './typeorm/tenant-query-cache.js';
import { pickExtensionOptions } from './typeorm/required-extensions.js';
import type { PostgresOptions } from './typeorm/typeorm-versions.js';
import { assertPoolOptions } from './pool/checks/refused-pool-options.js';
import { assertDriverVersion } from './pool/checks/driver-version.js';
import { TenantPool } from './pool/tenant-pool.js';
import { takeReplicas } from './replicas/replica-options.js';
import { routeReads } from './replicas/route-reads.js';
import { refuseWholeDataSourceOperations } from './typeorm/whole-data-source.js';

/** Extends TypeORM's options for PostgreSQL, except those that the engine sets itself. */
export type TenantDataSourceOptions = Omit<
  PostgresOptions,
  'type' | 'driver' | 'nativeDriver' | 'schema' | 'synchronize' | 'dropSchema' | 'migrationsRun'
> &
  ConnectionLimits &
  SessionTimeouts &
  Partial<IsolationOptions> & {
    readonly type?: 'postgres';
    /**
     * Limits the statements that the server keeps prepared for each connection. It prepares repeated
     * statements of tenants that have parameters; in transactions only writes. Behind a pooler it prepares
     * none. Default 500; 0 for none.
     */
    readonly preparedStatements?: number | undefined;
    /**
     * Limits the schemas that a connection visits before the pool replaces it. Its server process keeps each
     * visited schema in memory. Default 1 000; 0 for no limit.
     */
    readonly maxSchemasPerConnection?: number | undefined;
    /**
     * Limits how long a query stream may stay unread, in milliseconds. The engine then destroys it and frees
     * its connection. Default 60 000.
     */
    readonly maxUnreadStreamMs?: number | undefined;
  };

/** Options of `TypeOrmModule`, which reads them itself. */
export interface NestOptions {
  readonly autoLoadEntities?: boolean;
  readonly keepConnectionAlive?: boolean;
  readonly manualInitialization?: boolean;
  readonly retryAttempts?: number;
  readonly retryDelay?: number;
  readonly toRetry?: (error: never) => boolean;
  readonly verboseRetryLog?: boolean;
}

/** Lists options that the engine rejects because they affect the whole database. */
const REFUSED_OPTIONS = ['synchronize', 'dropSchema', 'migrationsRun'] as const;

/** Maps each number to its minimum. */
const LEAST = {
  maxConnectionsPerTenant: 1,
  maxWaitingPerTenant: 0,
  maxWaiting: 0,
  maxWaitMs: 1,
  statementTimeoutMs: 0,
  idleInTransactionTimeoutMs: 0,
  preparedStatements: 0,
  maxSchemasPerConnection: 0,
  maxUnreadStreamMs: 1,
} as const;

/** Lists options that also accept Infinity, for no limit. */
const UNLIMITED: ReadonlySet<string> = new Set([
  'statementTimeoutMs',
  'idleInTransactionTimeoutMs',
]);

const PREPARED_STATEMENTS = 500;
const SCHEMAS_PER_CONNECTION = 1000;

const protectedDataSources = new WeakSet<DataSource>();

/**
 * Returns TypeORM options for one DataSource that serves all tenants. Its schema is the placeholder, and its
 * pool replaces the placeholder with the current tenant's schema.
 *
 * Entities of shared tables name their own schema (`@Entity({ schema: 'public' })`). `TenantModule` protects
 * the DataSource; outside Nest, call {@link protectDataSource}.
 *
 * @param given options of the engine and of TypeORM. An application's own options of the general types
 *   `DataSourceOptions` and `TypeOrmModuleOptions` are accepted as they are
 * @throws TenancyOptionsError for another database than PostgreSQL, for options that affect the whole database,
 *   for another query cache, and for invalid values
 */
export function tenantDataSourceOptions(
  given: (TenantDataSourceOptions | Partial<DataSourceOptions>) & NestOptions,
): PostgresOptions {
  const { isolation, rawSql, extensionSchemas, ...options } = given as TenantDataSourceOptions;
  assertDriverVersion();
  assertTenantSafe(options);
  assertWholeNumbers(options);
  const isolationOptions = readIsolationOptions({ isolation, rawSql, extensionSchemas });
  return {
    // PostgreSQL has gen_random_uuid() since version 13, so new migrations need no extension.
    uuidExtension: 'pgcrypto',
    // The search path is empty, so TypeORM cannot install extensions. The engine does it before existing migrations.
    installExtensions: false,
    ...options,
    ...takeReplicas(options),
    type: 'postgres',
    schema: TENANT_SCHEMA,
    driver: { Pool: TenantPool, defaults: pg.defaults },
    // TypeORM passes these options to the pool.
    extra: {
      connectionLimits: options,
      preparedStatements: options.preparedStatements ?? PREPARED_STATEMENTS,
      maxSchemasPerConnection: options.maxSchemasPerConnection ?? SCHEMAS_PER_CONNECTION,
      maxUnreadStreamMs: options.maxUnreadStreamMs,
      ...timeoutParameters(options),
      ...options.extra,
      isolationOptions,
      extensionOptions: pickExtensionOptions(options),
    },
  };
}

/**
 * Creates a protected DataSource outside Nest, for scripts and the TypeORM CLI. Call `initialize()` before
 * you use it.
 *
 * @throws TenancyOptionsError for the reasons of {@link tenantDataSourceOptions}
 */
export function createTenantDataSource(
  options: TenantDataSourceOptions | Partial<DataSourceOptions>,
): DataSource {
  return protectDataSource(new DataSource(tenantDataSourceOptions(options)));
}

/**
 * Guards entities, lazy relations, streams and operations on the whole database, which TypeORM's options
 * cannot restrict. Further calls have no effect. A handle protects the DataSource that it was made of.
 *
 * @returns the same DataSource, or the same handle
 * @throws TenancyOptionsError when the DataSource was not made with `tenantDataSourceOptions`
 */
export function protectDataSource(given: DataSource): DataSource {
  const dataSource = plainDataSourceOf(given);
  if (protectedDataSources.has(dataSource)) return given;
  const { options } = dataSource;
  if (options.type !== 'postgres' || options.schema !== TENANT_SCHEMA || !usesTenantPool(options)) {
    throw new TenancyOptionsError(
      'TenantModule: the DataSource',
      'must be made with tenantDataSourceOptions(…), which adds the placeholder and the driver.',
    );
  }
  assertTenantSafe(options);
  guardRelationLoader(dataSource.relationLoader, dataSource);
  guardOperations(dataSource);
  refuseWholeDataSourceOperations(dataSource);
  guardQueryRunners(dataSource);
  routeReads(dataSource);
  protectedDataSources.add(dataSource);
  return given;
}

function usesTenantPool(options: PostgresOptions): boolean {
  return (options.driver as { Pool?: unknown } | undefined)?.Pool === TenantPool;
}

/** @throws TenancyOptionsError for a limit that is not a whole number, or below its minimum */
function assertWholeNumbers(options: TenantDataSourceOptions): void {
  for (const [name, least] of Object.entries(LEAST)) {
    const value = options[name as keyof typeof LEAST];
    if (value === undefined || (Number.isSafeInteger(value) && value >= least)) continue;
    if (value === Infinity && UNLIMITED.has(name)) continue;
    throw new TenancyOptionsError(
      `tenantDataSourceOptions: ${name}`,
      `must be a whole number of at least ${least} (got ${value}).`,
    );
  }
}

function assertTenantSafe(options: TenantDataSourceOptions | DataSourceOptions): void {
  const { type = 'postgres' } = options;
  if (type !== 'postgres') {
    throw new TenancyOptionsError(
      'tenantDataSourceOptions: type',
      `must be 'postgres', because tenants are schemas of PostgreSQL (got '${type}')`,
    );
  }
  for (const name of REFUSED_OPTIONS) {
    if ((options as Record<string, unknown>)[name]) {
      throw new TenancyOptionsError(
        `tenantDataSourceOptions: ${name}`,
        'must be false: it works on the whole database. Use: tenant-schemas migrate-schemas.',
      );
    }
  }
  assertPoolOptions(options.extra as object | undefined);
  if (options.cache && !isTenantQueryCache(options.cache)) {
    throw new TenancyOptionsError(
      'tenantDataSourceOptions: cache',
      'must be false or tenantQueryCache(…): a hit of another cache sends no SQL, so nothing would ' +
        "keep one tenant's rows from another.",
    );
  }
}
