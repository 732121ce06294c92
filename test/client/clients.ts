// Clients of the API as an operator and as a user of a tenant have them, typed by the server's own document. What
// they call is noted down.
import createClient, { type Client } from 'openapi-fetch';
import type { paths } from './generated.js';

export type Api = Client<paths>;

/** Operations that were called, as `get /polls/{id}`. */
export const called = new Set<string>();

/** @param headers what each request carries */
export function clientOf(baseUrl: string, headers: Record<string, string> = {}): Api {
  const api = createClient<paths>({ baseUrl, headers });
  api.use({
    onRequest({ schemaPath, request }) {
      called.add(`${request.method.toLowerCase()} ${schemaPath}`);
    },
  });
  return api;
}

/** The body of an answer that must be good. */
export function good<T>({ data, error, response }: Answer<T>): T {
  if (error !== undefined || data === undefined) {
    throw new Error(`${response.url}: ${response.status} ${JSON.stringify(error)}`);
  }
  return data;
}

/** The status and the code of an answer that must be an error. */
export function bad({ error, response }: Answer<unknown>): string {
  if (error === undefined) throw new Error(`${response.url}: ${response.status}, and no error`);
  return `${response.status} ${(error as { code: string }).code}`;
}

interface Answer<T> {
  readonly data?: T;
  readonly error?: unknown;
  readonly response: Response;
}
