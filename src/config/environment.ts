import { existsSync, readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import {
  databaseOf,
  duration,
  integer,
  listOf,
  matching,
  oneOf,
  origins,
  type Parse,
  postgresUrl,
  postgresUrls,
  proxies,
  SSL_MODES,
} from './environment-variable.js';
import { type Environment, LOG_LEVELS } from './environment.interface.js';

/** Reports invalid settings. Its message has a line for each of them. */
export class EnvironmentError extends Error {
  override readonly name = 'EnvironmentError';
}

/** Variables whose value never appears in a message. */
const SECRETS: ReadonlySet<string> = new Set([
  'DATABASE_URL',
  'DATABASE_DIRECT_URL',
  'DATABASE_REPLICA_URLS',
  'OPERATOR_KEY',
  'JWT_SECRET',
]);

const DAY_MS = 86_400_000;

/** Matches names of headers, except those with another meaning for servers, proxies or this application. */
const TENANT_HEADER =
  /^(?!(?:accept(?:-.*)?|authorization|cache-control|connection|content-.*|cookie|date|expect|forwarded|host|if-.*|keep-alive|origin|proxy-.*|range|referer|sec-.*|set-cookie|te|trailer|transfer-encoding|upgrade|user-agent|via|x-forwarded-.*)$)[\w!#$%&'*+.^`|~-]+$/i;

/** Settings that `NODE_ENV=production` requires. The server does not generate secrets in production. */
const REQUIRED_IN_PRODUCTION = ['DATABASE_URL', 'OPERATOR_KEY', 'JWT_SECRET'] as const;

/**
 * Reads the settings from the process's environment, and under it from a `.env` file in the working
 * directory. An empty variable counts as unset.
 *
 * @throws EnvironmentError with each invalid variable, its rule and its value
 */
export function readEnvironment(): Environment {
  const file = existsSync('.env') ? parseEnv(readFileSync('.env', 'utf8')) : {};
  return parseEnvironment({ ...file, ...process.env });
}

/** Parses settings without reading the process or a file. */
export function parseEnvironment(
  variables: Readonly<Record<string, string | undefined>>,
): Environment {
  const problems: string[] = [];
  const read = <T, D>(name: string, parse: Parse<T>, fallback: D): T | D => {
    const text = variables[name];
    if (text === undefined || text === '') return fallback;
    try {
      return parse(text);
    } catch (error) {
      const given = SECRETS.has(name) ? 'its value is not shown' : `got ${JSON.stringify(text)}`;
      problems.push(`${name} ${(error as Error).message} (${given})`);
      return fallback;
    }
  };
  const environment: Environment = Object.freeze({
    nodeEnv: read('NODE_ENV', oneOf('development', 'production', 'test'), 'development' as const),
    port: read('PORT', integer(0, 65_535), 3000),
    host: read('HOST', matching(/^[\w.:-]+$/, 'must be a host name or an address'), '127.0.0.1'),
    databaseUrl: read('DATABASE_URL', postgresUrl, undefined),
    databaseDirectUrl: read('DATABASE_DIRECT_URL', postgresUrl, undefined),
    databaseReplicaUrls: read('DATABASE_REPLICA_URLS', postgresUrls, []),
    databasePoolSize: read('DATABASE_POOL_SIZE', integer(1, 1000), 10),
    databaseConnectionSchemas: read('DATABASE_CONNECTION_SCHEMAS', integer(0, 1_000_000), 1000),
    databasePreparedStatements: read('DATABASE_PREPARED_STATEMENTS', integer(0, 10_000), 500),
    databaseConnectTimeoutMs: read('DATABASE_CONNECT_TIMEOUT_MS', integer(1, 600_000), 10_000),
    databaseWaitTimeoutMs: read('DATABASE_WAIT_TIMEOUT_MS', integer(1, 600_000), 10_000),
    databaseMaxWaiting: read('DATABASE_MAX_WAITING', integer(0, 1_000_000), 5_000),
    databaseStatementTimeoutMs: read('DATABASE_STATEMENT_TIMEOUT_MS', integer(0, DAY_MS), 30_000),
    databaseIdleTransactionTimeoutMs: read(
      'DATABASE_IDLE_TRANSACTION_TIMEOUT_MS',
      integer(0, DAY_MS),
      60_000,
    ),
    tenantMaxConnections: read('TENANT_MAX_CONNECTIONS', integer(1, 1000), undefined),
    tenantMaxWaiting: read('TENANT_MAX_WAITING', integer(0, 1_000_000), 1_000),
    dataDir: read('DATA_DIR', String, '.data'),
    workers: read('WORKERS', integer(1, 64), 1),
    tenantHeader: read(
      'TENANT_HEADER',
      matching(
        TENANT_HEADER,
        'must be the name of an HTTP header without another meaning, so not Authorization or Host',
      ),
      'X-Request-ID',
    ),
    operatorKey: read(
      'OPERATOR_KEY',
      matching(/^[!-~]+$/, 'must be printable ASCII characters without spaces'),
      undefined,
    ),
    jwtSecrets: read(
      'JWT_SECRET',
      // 256 bits, as SHA-256 requires: https://www.rfc-editor.org/rfc/rfc7518#section-3.2
      listOf(/^\S{32,}$/, 'must be a comma list of secrets of at least 32 characters each'),
      [],
    ),
    jwtTtlSeconds: read('JWT_TTL', duration(1, 366 * 24 * 60 * 60), 12 * 60 * 60),
    tenantIsolation: read('TENANT_ISOLATION', oneOf('names', 'role'), 'names' as const),
    tenantRawSql: read('TENANT_RAW_SQL', oneOf('qualified', 'search_path'), 'qualified' as const),
    trustProxy: read('TRUST_PROXY', proxies, false as const),
    corsOrigins: read('CORS_ORIGINS', origins, []),
    rateLimits: Object.freeze({
      lookUpsOfAddress: read('RATE_LIMIT_LOOK_UP', integer(0, 1_000_000), 60),
      loginsOfAddress: read('RATE_LIMIT_LOGIN', integer(0, 1_000_000), 30),
      loginsOfTenant: read('RATE_LIMIT_LOGIN_TENANT', integer(0, 1_000_000), 300),
    }),
    logLevel: read('LOG_LEVEL', oneOf(...LOG_LEVELS), 'log' as const),
    shutdownTimeoutMs: read('SHUTDOWN_TIMEOUT_MS', integer(0, 600_000), 10_000),
  });
  // node-postgres reads this variable itself.
  read('PGSSLMODE', oneOf(...SSL_MODES), undefined);
  if (environment.nodeEnv === 'production') {
    for (const name of REQUIRED_IN_PRODUCTION) {
      if (!variables[name]) problems.push(`${name} must be set if NODE_ENV is production`);
    }
  }
  problems.push(...replicaProblems(environment));
  if (problems.length > 0) throw new EnvironmentError(problems.join('\n'));
  return environment;
}

/** Returns why the replicas cannot be those of `DATABASE_URL`. Names of databases are not secret. */
function replicaProblems({ databaseUrl, databaseReplicaUrls }: Environment): string[] {
  if (databaseReplicaUrls.length === 0) return [];
  if (databaseUrl === undefined) {
    return ['DATABASE_REPLICA_URLS requires DATABASE_URL, the address of their primary'];
  }
  const database = databaseOf(databaseUrl);
  return databaseReplicaUrls.flatMap((url, index) =>
    databaseOf(url) === database
      ? []
      : [
          `DATABASE_REPLICA_URLS must name the database of DATABASE_URL, ${database}. ` +
            `Address ${index + 1} names ${databaseOf(url)}`,
        ],
  );
}
