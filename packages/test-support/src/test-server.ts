// The PostgreSQL server that a spec file works on. The global set-up starts the servers and leaves their
// addresses in the environment; which one a file gets is its Jest project's choice (jest.config.js).

/** Where a test database lives: the address for the application, and a direct one for set-up. */
export interface TestServer {
  /** What the application connects to: the server itself, or PgBouncer in front of it. */
  readonly url: string;
  /** The server itself, as a role that may create databases. */
  readonly directUrl: string;
  /** The server itself, as a superuser. */
  readonly superuserUrl: string;
  readonly isBehindPgBouncer: boolean;
}

/** Servers by the name that Jest projects use: the version of PostgreSQL, as `18`, and `18+pgbouncer` behind a pooler. */
export type TestServers = Record<string, TestServer>;

declare global {
  /** Set by `globals` of the Jest project. */
  var testServerName: string;
}

/** Environment variable through which the global set-up tells its workers the addresses. */
export const TEST_SERVERS_VARIABLE = 'NTS_TEST_SERVERS';

export function testServer(): TestServer {
  const servers = JSON.parse(process.env[TEST_SERVERS_VARIABLE] ?? '{}') as TestServers;
  const server = servers[globalThis.testServerName];
  if (!server) throw new Error(`No test server "${globalThis.testServerName}" was started.`);
  return server;
}
