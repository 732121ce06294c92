/** Settings of the process: read once, validated and frozen. `.env.example` documents each variable. */
export interface Environment {
  readonly nodeEnv: 'development' | 'production' | 'test';
  readonly port: number;
  readonly host: string;
  /** Undefined: the embedded PostgreSQL of `dataDir`. */
  readonly databaseUrl: string | undefined;
  /** Without a transaction pooler, for commands and LISTEN. Undefined: `databaseUrl`. */
  readonly databaseDirectUrl: string | undefined;
  /** Read replicas, for the server only. Empty: none. */
  readonly databaseReplicaUrls: readonly string[];
  /** Total of all workers, on each server. */
  readonly databasePoolSize: number;
  /** Number of schemas after which the pool replaces a connection. 0: no limit. */
  readonly databaseConnectionSchemas: number;
  /** Prepared statements on each connection. 0: none. */
  readonly databasePreparedStatements: number;
  readonly databaseConnectTimeoutMs: number;
  readonly databaseWaitTimeoutMs: number;
  readonly databaseMaxWaiting: number;
  /** 0: the limit of the database login applies. The same holds for the next setting. */
  readonly databaseStatementTimeoutMs: number;
  readonly databaseIdleTransactionTimeoutMs: number;
  /** Undefined: the default of the engine, which depends on the size of the pool. */
  readonly tenantMaxConnections: number | undefined;
  readonly tenantMaxWaiting: number;
  readonly dataDir: string;
  /** Number of worker processes, which serve on one port. 1: this process serves. */
  readonly workers: number;
  readonly tenantHeader: string;
  /** Key of operators. Undefined: development generates a key. */
  readonly operatorKey: string | undefined;
  /** Secrets of tokens. The first one signs, and all verify. Empty: see `jwtSecretsOf`. */
  readonly jwtSecrets: readonly string[];
  readonly jwtTtlSeconds: number;
  readonly tenantIsolation: 'names' | 'role';
  readonly tenantRawSql: 'qualified' | 'search_path';
  /** Trusted proxies: their number, or their addresses. False: none. */
  readonly trustProxy: false | number | string;
  /** Origins of pages that may call the API. Empty: CORS is off. */
  readonly corsOrigins: readonly string[];
  readonly rateLimits: RateLimits;
  readonly logLevel: LogLevelName;
  readonly shutdownTimeoutMs: number;
}

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'log', 'debug', 'verbose'] as const;

export type LogLevelName = (typeof LOG_LEVELS)[number];

/** Maximum numbers of requests per minute. 0: no limit. */
export interface RateLimits {
  /** Look-ups of tenants by name from one address. */
  readonly lookUpsOfAddress: number;
  /** Logins and registrations from one address. The same limit applies separately to wrong operator keys. */
  readonly loginsOfAddress: number;
  /** Logins and registrations of one tenant, from all addresses. */
  readonly loginsOfTenant: number;
}
