import type { Environment } from '../config/environment.interface.js';

/** Addresses that mean all addresses of the machine. A server can listen on them, but clients cannot send to them. */
const EVERY_ADDRESS: ReadonlySet<string> = new Set(['0.0.0.0', '::']);

/** Returns a shell command that sends a request of a tenant to the server of this environment. */
export function curlLine(
  { host, port, tenantHeader }: Pick<Environment, 'host' | 'port' | 'tenantHeader'>,
  tenantUuid: string,
  path: string,
): string {
  const reachable = EVERY_ADDRESS.has(host) ? '127.0.0.1' : host;
  const name = reachable.includes(':') ? `[${reachable}]` : reachable;
  const header = `${tenantHeader}: ${tenantUuid}`.replaceAll("'", `'\\''`);
  // Port 0 means any free port, which the server prints.
  return `curl -H '${header}' http://${name}:${port === 0 ? '<port>' : port}${path}`;
}
