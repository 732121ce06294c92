/** The process's settings: read once, validated, frozen. `.env.example` documents each. */
export interface Environment {
  readonly nodeEnv: 'development' | 'production' | 'test';
  readonly port: number;
  readonly host: string;
  /** Undefined: the embedded PostgreSQL of `dataDir`. */
  readonly databaseUrl: string | undefined;
  /** Past a transaction pooler, for commands. Undefined: `databaseUrl`. */
  readonly databaseDirectUrl: string | undefined;
  readonly databasePoolSize: number;
  readonly databaseConnectTimeoutMs: number;
  readonly databaseWaitTimeoutMs: number;
  readonly databaseMaxWaiting: number;
  /** 0: what the login has, as for the next. */
  readonly databaseStatementTimeoutMs: number;
  readonly databaseIdleTransactionTimeoutMs: number;
  /** Undefined: the engine's default, a part of the pool. */
  readonly tenantMaxConnections: number | undefined;
  readonly tenantMaxWaiting: number;
  readonly dataDir: string;
  readonly tenantHeader: string;
  readonly logLevel: LogLevelName;
  readonly shutdownTimeoutMs: number;
}

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'log', 'debug', 'verbose'] as const;

export type LogLevelName = (typeof LOG_LEVELS)[number];
