// The PostgreSQL server of a spec file. The global set-up starts the servers, and passes their addresses in the environment.
// The Jest project selects the server (jest.config.js).

/** Addresses of a test server. */
export interface TestServer {
  /** Address for the application: the server itself, or PgBouncer in front of it. */
  readonly url: string;
  /** Address of the server itself, with a login that may create databases. */
  readonly directUrl: string;
  /** Address of the server itself, with a superuser. */
  readonly superuserUrl: string;
  readonly isBehindPgBouncer: boolean;
}

/** Servers by the name that Jest projects use: the version of PostgreSQL, as `18`, and `18+pgbouncer` behind a pooler. */
export type TestServers = Record<string, TestServer>;

declare global {
  /** Set by `globals` of the Jest project. */
  var testServerName: string;
}

/** Environment variable in which the global set-up passes the addresses to its workers. */
export const TEST_SERVERS_VARIABLE = 'NTS_TEST_SERVERS';

export function testServer(): TestServer {
  const servers = JSON.parse(process.env[TEST_SERVERS_VARIABLE] ?? '{}') as TestServers;
  const server = servers[globalThis.testServerName];
  if (!server) throw new Error(`No test server "${globalThis.testServerName}" was started.`);
  return server;
}
