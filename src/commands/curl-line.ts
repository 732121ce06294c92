import type { Environment } from '../config/environment.interface.js';

/** Addresses that mean every one of the machine: a server listens there, nobody can send there. */
const EVERY_ADDRESS: ReadonlySet<string> = new Set(['0.0.0.0', '::']);

/** A line for the shell that sends a tenant's request to the server of this environment. */
export function curlLine(
  { host, port, tenantHeader }: Pick<Environment, 'host' | 'port' | 'tenantHeader'>,
  tenantUuid: string,
  path: string,
): string {
  const reachable = EVERY_ADDRESS.has(host) ? '127.0.0.1' : host;
  const name = reachable.includes(':') ? `[${reachable}]` : reachable;
  const header = `${tenantHeader}: ${tenantUuid}`.replaceAll("'", `'\\''`);
  // Port 0 is any free one; the server tells which.
  return `curl -H '${header}' http://${name}:${port === 0 ? '<port>' : port}${path}`;
}
