import type { IncomingMessage } from 'node:http';

/** Lists the methods of requests that do not write: https://www.rfc-editor.org/rfc/rfc9110#section-9.2.1 */
const SAFE_METHODS: ReadonlySet<string | undefined> = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Returns whether all reads of a request use the primary: if its method may write, or if it asks for current
 * data with `Cache-Control: no-cache`. https://www.rfc-editor.org/rfc/rfc9111#section-5.2.1.4
 */
export function requiresPrimary(request: object): boolean {
  const { method, headers } = request as Pick<IncomingMessage, 'method' | 'headers'>;
  return !SAFE_METHODS.has(method) || /\bno-cache\b/i.test(headers['cache-control'] ?? '');
}
