import { curlLine } from './curl-line.js';

const DEFAULTS = { host: '127.0.0.1', port: 3000, tenantHeader: 'X-Request-ID' };

it.each([
  [{}, "curl -H 'X-Request-ID: u' http://127.0.0.1:3000/polls"],
  [{ host: 'api.example', port: 80 }, "curl -H 'X-Request-ID: u' http://api.example:80/polls"],
  [{ host: '0.0.0.0' }, "curl -H 'X-Request-ID: u' http://127.0.0.1:3000/polls"],
  [{ host: '::' }, "curl -H 'X-Request-ID: u' http://127.0.0.1:3000/polls"],
  [{ host: '::1' }, "curl -H 'X-Request-ID: u' http://[::1]:3000/polls"],
  [{ port: 0 }, "curl -H 'X-Request-ID: u' http://127.0.0.1:<port>/polls"],
  [{ tenantHeader: "X-It's" }, String.raw`curl -H 'X-It'\''s: u' http://127.0.0.1:3000/polls`],
])('builds a request that reaches the server for %j', (settings, line) => {
  expect(curlLine({ ...DEFAULTS, ...settings }, 'u', '/polls')).toBe(line);
});
