/** The process's settings: read once, validated, frozen. `.env.example` documents each. */
export interface Environment {
  readonly nodeEnv: 'development' | 'production' | 'test';
  readonly port: number;
  readonly host: string;
  /** Undefined: the embedded PostgreSQL of `dataDir`. */
  readonly databaseUrl: string | undefined;
  /** Past a transaction pooler, for commands and LISTEN. Undefined: `databaseUrl`. */
  readonly databaseDirectUrl: string | undefined;
  /** Of all workers together. */
  readonly databasePoolSize: number;
  /** Uses after which a connection is replaced by a new one; 0 never. */
  readonly databaseConnectionUses: number;
  readonly dataDir: string;
  /** Processes that serve, on one port. 1: this one. */
  readonly workers: number;
  readonly tenantHeader: string;
  /** Lets operators in. Undefined: nobody, unless the composition makes one up. */
  readonly operatorKey: string | undefined;
  /** Sign tokens: the first one; each verifies. Empty: nothing was given, see `jwtSecretsOf`. */
  readonly jwtSecrets: readonly string[];
  readonly jwtTtlSeconds: number;
  readonly tenantIsolation: 'names' | 'role';
  readonly tenantRawSql: 'qualified' | 'search_path';
  readonly logLevel: LogLevelName;
  readonly shutdownTimeoutMs: number;
}

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'log', 'debug', 'verbose'] as const;

export type LogLevelName = (typeof LOG_LEVELS)[number];
