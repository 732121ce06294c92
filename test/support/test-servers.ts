// A process that starts the servers that the specs need, prints their addresses as one line of JSON, and
// stops them when its standard input ends.
import type { TestServers } from './test-server.js';

const servers: TestServers = Object.fromEntries(
  ['18', '15'].map((name) => {
    const url = `postgres://postgres@127.0.0.1:554${name}/postgres`;
    return [name, { url, directUrl: url, isBehindPgBouncer: false }];
  }),
);
process.stdout.write(`${JSON.stringify(servers)}\n`);
process.stdin.resume();
