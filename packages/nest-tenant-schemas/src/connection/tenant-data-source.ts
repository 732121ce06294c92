import pg from 'pg';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { TENANT_SCHEMA } from '../core/names/schema-placeholder.js';
import { TenancyOptionsError } from '../errors/tenancy-options.error.js';
import type { ConnectionLimits } from './pool/connection-limits.js';
import { guardQueryRunners } from './typeorm/guarded-query-runner.js';
import { guardOperations } from './typeorm/entities/guarded-operations.js';
import { guardRelationLoader } from './typeorm/lazy-relations.js';
import { type IsolationOptions, readIsolationOptions } from './wire/isolation-options.js';
import { type SessionTimeouts, timeoutParameters } from './wire/session-timeouts.js';
import { isTenantQueryCache } from './typeorm/tenant-query-cache.js';
import type { PostgresOptions } from './typeorm/typeorm-versions.js';
import { assertPoolOptions } from './pool/refused-pool-options.js';
import { TenantPool } from './pool/tenant-pool.js';
import { refuseWholeDataSourceOperations } from './typeorm/whole-data-source.js';

/** A TypeORM configuration for PostgreSQL without the parts that are the engine's. */
export type TenantDataSourceOptions = Omit<
  PostgresOptions,
  'type' | 'driver' | 'nativeDriver' | 'schema' | 'synchronize' | 'dropSchema' | 'migrationsRun'
> &
  ConnectionLimits &
  SessionTimeouts &
  Partial<IsolationOptions> & {
    readonly type?: 'postgres';
    /**
     * Most statements that the server keeps prepared for each connection: those of tenants with parameters that are sent
     * again, in transactions only those that write. Behind a pooler none are. Default 500; 0 for none.
     */
    readonly preparedStatements?: number | undefined;
    /**
     * Most schemas that a connection meets before it is replaced: its server process remembers each of them until it
     * ends. Default 1 000; 0 for any number.
     */
    readonly maxSchemasPerConnection?: number | undefined;
    /**
     * Longest that a stream of a query may stay unread after it was opened, in milliseconds. The engine then destroys
     * it, to give its connection back. Default 60 000.
     */
    readonly maxUnreadStreamMs?: number | undefined;
  };

/** Options whose whole-database effect the engine refuses, with what to do instead. */
const REFUSED_OPTIONS = ['synchronize', 'dropSchema', 'migrationsRun'] as const;

/** The least of each number. */
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

/** Options that also take Infinity: no limit. */
const UNLIMITED: ReadonlySet<string> = new Set([
  'statementTimeoutMs',
  'idleInTransactionTimeoutMs',
]);

const PREPARED_STATEMENTS = 500;
const SCHEMAS_PER_CONNECTION = 1000;

const protectedDataSources = new WeakSet<DataSource>();

/**
 * TypeORM options of the one DataSource that serves all tenants: the placeholder as its schema, and a pool
 * that writes the current tenant's schema over it. Entities of shared tables name their own schema
 * (`@Entity({ schema: 'public' })`). What is made of them is protected by `TenantModule`, or by {@link protectDataSource}.
 *
 * @throws TenancyOptionsError for options that work on the whole database, a cache for all tenants, or invalid
 *   isolation settings
 */
export function tenantDataSourceOptions({
  isolation,
  rawSql,
  extensionSchemas,
  ...options
}: TenantDataSourceOptions): PostgresOptions {
  assertTenantSafe(options);
  assertWholeNumbers(options);
  const isolationOptions = readIsolationOptions({ isolation, rawSql, extensionSchemas });
  return {
    // gen_random_uuid() is in core since PostgreSQL 13; TypeORM need not install an extension for it.
    uuidExtension: 'pgcrypto',
    installExtensions: false,
    ...options,
    type: 'postgres',
    schema: TENANT_SCHEMA,
    driver: { Pool: TenantPool, defaults: pg.defaults },
    // The way by which TypeORM hands options on to the pool.
    extra: {
      connectionLimits: options,
      preparedStatements: options.preparedStatements ?? PREPARED_STATEMENTS,
      maxSchemasPerConnection: options.maxSchemasPerConnection ?? SCHEMAS_PER_CONNECTION,
      maxUnreadStreamMs: options.maxUnreadStreamMs,
      ...timeoutParameters(options),
      ...options.extra,
      isolationOptions,
    },
  };
}

/**
 * A DataSource outside Nest (scripts, the TypeORM CLI), with the same protection that `TenantModule`
 * gives to the one it injects. Not initialized yet.
 */
export function createTenantDataSource(options: TenantDataSourceOptions): DataSource {
  return protectDataSource(new DataSource(tenantDataSourceOptions(options)));
}

/**
 * Guards what TypeORM's options do not reach: entities, lazy relations, streams, and operations on the whole database.
 * Idempotent.
 *
 * @returns the same DataSource
 * @throws TenancyOptionsError when it was not made with `tenantDataSourceOptions`
 */
export function protectDataSource(dataSource: DataSource): DataSource {
  if (protectedDataSources.has(dataSource)) return dataSource;
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
  protectedDataSources.add(dataSource);
  return dataSource;
}

function usesTenantPool(options: PostgresOptions): boolean {
  return (options.driver as { Pool?: unknown } | undefined)?.Pool === TenantPool;
}

/** @throws TenancyOptionsError for a limit that is no whole number, or too small to serve anybody */
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
