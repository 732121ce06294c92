// Settings: defaults, parsed values, and an error for each invalid value with its rule.
import { EnvironmentError, parseEnvironment } from './environment.js';

function problemsOf(variables: Record<string, string>): string[] {
  try {
    parseEnvironment(variables);
  } catch (error) {
    if (error instanceof EnvironmentError) return error.message.split('\n');
  }
  return [];
}

const PRODUCTION = {
  NODE_ENV: 'production',
  DATABASE_URL: 'postgres://app:secret@db:5432/polls',
  OPERATOR_KEY: 'key',
  JWT_SECRET: 'x'.repeat(32),
};

it('has a default for every setting, and treats an empty variable as unset', () => {
  const defaults = {
    nodeEnv: 'development',
    port: 3000,
    host: '127.0.0.1',
    databaseUrl: undefined,
    databaseDirectUrl: undefined,
    databaseReplicaUrls: [],
    databasePoolSize: 10,
    databaseConnectionSchemas: 1000,
    databasePreparedStatements: 500,
    databaseConnectTimeoutMs: 10_000,
    databaseWaitTimeoutMs: 10_000,
    databaseMaxWaiting: 5_000,
    databaseStatementTimeoutMs: 30_000,
    databaseIdleTransactionTimeoutMs: 60_000,
    tenantMaxConnections: undefined,
    tenantMaxWaiting: 1_000,
    dataDir: '.data',
    workers: 1,
    tenantHeader: 'X-Request-ID',
    jwtSecrets: [],
    jwtTtlSeconds: 43_200,
    tenantIsolation: 'names',
    tenantRawSql: 'qualified',
    trustProxy: false,
    corsOrigins: [],
    rateLimits: { lookUpsOfAddress: 60, loginsOfAddress: 30, loginsOfTenant: 300 },
    logLevel: 'log',
    shutdownTimeoutMs: 10_000,
  };
  expect(parseEnvironment({})).toMatchObject(defaults);
  expect(parseEnvironment({ PORT: '', DATABASE_URL: '', TENANT_HEADER: '' })).toMatchObject(
    defaults,
  );
});

it('parses the given variables, and freezes the result', () => {
  const environment = parseEnvironment({
    ...PRODUCTION,
    PORT: '0',
    HOST: '::1',
    LOG_LEVEL: 'warn',
    TENANT_ISOLATION: 'role',
    TENANT_RAW_SQL: 'search_path',
  });
  expect(environment).toMatchObject({
    nodeEnv: 'production',
    port: 0,
    host: '::1',
    databaseUrl: PRODUCTION.DATABASE_URL,
    logLevel: 'warn',
    tenantIsolation: 'role',
    tenantRawSql: 'search_path',
  });
  expect(Object.isFrozen(environment)).toBe(true);
});

it('parses proxies as a number or as addresses, and origins as a list', () => {
  expect(parseEnvironment({ TRUST_PROXY: '2' }).trustProxy).toBe(2);
  for (const text of ['loopback', '10.0.0.1', '10.0.0.0/8, ::1', 'fd00::/8,uniquelocal']) {
    expect(parseEnvironment({ TRUST_PROXY: text }).trustProxy).toBe(text);
  }
  const { corsOrigins } = parseEnvironment({
    CORS_ORIGINS: 'https://app.example.com, http://localhost:5173',
  });
  expect(corsOrigins).toEqual(['https://app.example.com', 'http://localhost:5173']);
});

it.each([
  ['PORT', 'abc'],
  ['PORT', '70000'],
  ['PORT', '-1'],
  ['PORT', '3000.5'],
  ['PORT', '0x10'],
  ['PORT', ' 3000'],
  ['HOST', 'a b'],
  ['HOST', 'http://localhost'],
  ['DATABASE_POOL_SIZE', '0'],
  ['DATABASE_POOL_SIZE', '1001'],
  ['DATABASE_CONNECTION_SCHEMAS', '-1'],
  ['DATABASE_PREPARED_STATEMENTS', '10001'],
  ['WORKERS', '0'],
  ['WORKERS', '65'],
  ['DATABASE_WAIT_TIMEOUT_MS', '0'],
  ['DATABASE_STATEMENT_TIMEOUT_MS', '30s'],
  ['TENANT_MAX_CONNECTIONS', '0'],
  ['TENANT_MAX_WAITING', '-1'],
  ['TENANT_HEADER', 'x y'],
  ['TENANT_HEADER', 'x:'],
  ...['Authorization', 'content-type', 'HOST', 'Cookie', 'X-Forwarded-For', 'Origin'].map(
    (name): [string, string] => ['TENANT_HEADER', name],
  ),
  ['JWT_TTL', '0'],
  ['JWT_TTL', '12 h'],
  ['JWT_TTL', '1y'],
  ['JWT_TTL', '367d'],
  ['TRUST_PROXY', 'true'],
  ['TRUST_PROXY', '0'],
  ['TRUST_PROXY', '10.0.0.1,proxy'],
  ['TRUST_PROXY', '10.0.0.0/33'],
  ['TRUST_PROXY', '0.0.0.0/0'],
  ['TRUST_PROXY', 'loopback,::/0'],
  ['CORS_ORIGINS', 'any'],
  ['CORS_ORIGINS', 'https://app.example.com/'],
  ['RATE_LIMIT_LOGIN', '-1'],
  ['LOG_LEVEL', 'loud'],
  ['NODE_ENV', 'prod'],
  ['TENANT_ISOLATION', 'roles'],
  ['TENANT_RAW_SQL', 'search-path'],
  ['SHUTDOWN_TIMEOUT_MS', '600001'],
])('rejects %s=%s, and repeats the value', (name, text) => {
  expect(problemsOf({ [name]: text })).toEqual([
    expect.stringMatching(new RegExp(`^${name} must be .+ \\(got ${JSON.stringify(text)}\\)$`)),
  ]);
});

it.each([
  'mysql://root:hunter2@localhost/app',
  'hunter2',
  'postgres://u:hunter2@localhost',
  'postgres://u:hunter2@localhost/',
])('rejects the address %s without repeating it', (text) => {
  for (const name of ['DATABASE_URL', 'DATABASE_DIRECT_URL']) {
    expect(problemsOf({ [name]: text })).toEqual([
      `${name} must be an address like postgres://user:password@host:5432/database (its value is not shown)`,
    ]);
  }
});

it.each(['bogus', 'allow', 'REQUIRE', '', 'require&sslmode=bogus'])(
  'rejects an address with sslmode=%s, and names the mode',
  (mode) => {
    const address = `postgres://u:hunter2@localhost/app?sslmode=${mode}`;
    const given = mode.split('=').at(-1) as string;
    for (const name of ['DATABASE_URL', 'DATABASE_DIRECT_URL']) {
      expect(problemsOf({ [name]: address })).toEqual([
        `${name} must have one of these values of sslmode: disable, prefer, require, verify-ca, verify-full, no-verify. It has ` +
          `sslmode=${given} (its value is not shown)`,
      ]);
    }
  },
);

it('parses replicas as a list of addresses', () => {
  const DATABASE_REPLICA_URLS = 'postgres://u@r1/polls, postgres://u@r2:5433/polls';
  expect(parseEnvironment({ ...PRODUCTION, DATABASE_REPLICA_URLS }).databaseReplicaUrls).toEqual([
    'postgres://u@r1/polls',
    'postgres://u@r2:5433/polls',
  ]);
});

it.each([
  ['postgres://u@r1/polls,hunter2', 'must be a comma list of addresses. Address 2 must be an addr'],
  [
    'postgres://u@r1/polls,',
    'must be a comma list of addresses. Address 2 must be an address like',
  ],
  [
    'postgres://u:hunter2@r1/polls?sslmode=x',
    'must be a comma list of addresses. Address 1 must h',
  ],
  [
    'postgres://u:hunter2@r1/other',
    'must name the database of DATABASE_URL, polls. Address 1 names',
  ],
])('rejects the replicas %s without repeating them', (DATABASE_REPLICA_URLS, problem) => {
  const problems = problemsOf({ ...PRODUCTION, DATABASE_REPLICA_URLS });
  expect(problems).toEqual([expect.stringContaining(`DATABASE_REPLICA_URLS ${problem}`)]);
  expect(problems[0]).not.toContain('hunter2');
});

it('rejects replicas without the address of their primary', () => {
  expect(problemsOf({ DATABASE_REPLICA_URLS: 'postgres://u@r1/polls' })).toEqual([
    'DATABASE_REPLICA_URLS requires DATABASE_URL, the address of their primary',
  ]);
});

it.each(['bogus', 'allow', 'REQUIRE'])('rejects PGSSLMODE=%s, which would disable TLS', (mode) => {
  expect(problemsOf({ PGSSLMODE: mode })).toEqual([
    'PGSSLMODE must be one of disable, prefer, require, verify-ca, verify-full, no-verify ' +
      `(got ${JSON.stringify(mode)})`,
  ]);
});

it.each(['disable', 'prefer', 'require', 'verify-ca', 'verify-full', 'no-verify'])(
  'accepts the sslmode %s',
  (mode) => {
    const address = `postgres://u@localhost/app?sslmode=${mode}`;
    expect(problemsOf({ DATABASE_URL: address, PGSSLMODE: mode })).toEqual([]);
  },
);

it.each([
  ['900', 900],
  ['90s', 90],
  ['30m', 1800],
  ['12h', 43_200],
  ['7d', 604_800],
])('parses JWT_TTL=%s as %i seconds', (text, seconds) => {
  expect(parseEnvironment({ JWT_TTL: text }).jwtTtlSeconds).toBe(seconds);
});

it('parses JWT_SECRET as a list, and rejects short secrets without repeating them', () => {
  const [newest, older] = ['n'.repeat(32), 'o'.repeat(43)];
  expect(parseEnvironment({ JWT_SECRET: `${newest}, ${older}` }).jwtSecrets).toEqual([
    newest,
    older,
  ]);
  for (const text of ['hunter2', `${newest},`, `${newest},hunter2`, `${newest.slice(1)} `]) {
    expect(problemsOf({ JWT_SECRET: text })).toEqual([
      'JWT_SECRET must be a comma list of secrets of at least 32 characters each (its value is not shown)',
    ]);
  }
});

it('names all invalid variables in one error', () => {
  expect(problemsOf({ PORT: 'x', LOG_LEVEL: 'x' }).map((line) => line.split(' ')[0])).toEqual([
    'PORT',
    'LOG_LEVEL',
  ]);
});

it.each(['DATABASE_URL', 'OPERATOR_KEY', 'JWT_SECRET'])('requires %s in production', (name) => {
  expect(problemsOf(PRODUCTION)).toEqual([]);
  expect(problemsOf({ ...PRODUCTION, [name]: '' })).toEqual([
    `${name} must be set if NODE_ENV is production`,
  ]);
});
