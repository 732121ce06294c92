/** The process's settings: read once, validated, frozen. `.env.example` documents each. */
export interface Environment {
  readonly nodeEnv: 'development' | 'production' | 'test';
  readonly port: number;
  readonly host: string;
  /** Undefined: the embedded PostgreSQL of `dataDir`. */
  readonly databaseUrl: string | undefined;
  /** Without a transaction pooler, for commands and LISTEN. Undefined: `databaseUrl`. */
  readonly databaseDirectUrl: string | undefined;
  /** Of all workers together. */
  readonly databasePoolSize: number;
  /** Number of schemas after which the pool replaces a connection. 0: no limit. */
  readonly databaseConnectionSchemas: number;
  /** Prepared statements on each connection. 0: none. */
  readonly databasePreparedStatements: number;
  readonly databaseConnectTimeoutMs: number;
  readonly databaseWaitTimeoutMs: number;
  readonly databaseMaxWaiting: number;
  /** 0: the limit of the login, also for the next setting. */
  readonly databaseStatementTimeoutMs: number;
  readonly databaseIdleTransactionTimeoutMs: number;
  /** Undefined: the engine's default, a part of the pool. */
  readonly tenantMaxConnections: number | undefined;
  readonly tenantMaxWaiting: number;
  readonly dataDir: string;
  /** Processes that serve, on one port. 1: this one. */
  readonly workers: number;
  readonly tenantHeader: string;
  /** Key of operators. Undefined: none, unless the application generates one. */
  readonly operatorKey: string | undefined;
  /** Secrets of tokens. The first one signs, all verify. Empty: see `jwtSecretsOf`. */
  readonly jwtSecrets: readonly string[];
  readonly jwtTtlSeconds: number;
  readonly tenantIsolation: 'names' | 'role';
  readonly tenantRawSql: 'qualified' | 'search_path';
  /** Trusted proxies: their number, or their addresses. False: none. */
  readonly trustProxy: false | number | string;
  /** Origins whose pages may call the API; none: CORS is off. */
  readonly corsOrigins: readonly string[];
  readonly rateLimits: RateLimits;
  readonly logLevel: LogLevelName;
  readonly shutdownTimeoutMs: number;
}

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'log', 'debug', 'verbose'] as const;

export type LogLevelName = (typeof LOG_LEVELS)[number];

/** Most requests a minute; 0: no limit. */
export interface RateLimits {
  /** Look-ups of tenants by name, from one address. */
  readonly lookUpsOfAddress: number;
  /** Logins and sign-ups from one address; and, counted apart, wrong operator keys. */
  readonly loginsOfAddress: number;
  /** Logins and sign-ups of one tenant, from all addresses. */
  readonly loginsOfTenant: number;
}
